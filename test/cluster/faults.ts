/** What may befall a machine: each fault strikes, lasts, and is mended, while tickets come in and go out. */
import type { Cluster, Roles } from './cluster.ts'
import { killPostmaster, type Node, patroniOf } from './node.ts'
import { ended, signalAll, signalOne } from './processes.ts'
import type { Relay } from './relays.ts'

export type Scene = { readonly cluster: Cluster; readonly roles: Roles; readonly relays: readonly Relay[] }

/** What has to be done so that all is as before, after `lastsMs`. */
export type Mend = () => void | Promise<void>

export type Fault = {
  readonly name: string
  /** From the strike until it is mended, or left to mend itself. */
  readonly lastsMs: number
  strike(scene: Scene): Promise<Mend>
  /** Seconds, by what the cluster itself needs: how long nothing may be acknowledged; how long after its acknowledgement a ticket may reach a
   *  destination. */
  readonly outageMax: number
  readonly lateMax: number
  /** What befalls the first of our replicas, if anything does. */
  readonly relay?: 'ends' | 'hangs'
}

const FREEZE_MS = 30_000
/** A dead or frozen machine is noticed when its lock runs out (ttl 20 s); who is told to wait comes back a moment later. */
const LOCK_MAX = 30
/** Where the other standby had heard more of the old primary than the one that is promoted, it has to be rewound first, and until then there is no
 *  second copy: 11 s more, once measured. */
const REWIND_MAX = 15
const QUICK_MAX = 15
/** A dead replica's destinations are served again within 30 s; the rest is for the sending. */
const LATE_MAX = 35
/** What was acknowledged just before waits as long as nothing can be acknowledged, and its lease may have run out meanwhile. */
const LATE_AFTER_MOVE_MAX = LOCK_MAX + REWIND_MAX + 5

const database = { outageMax: QUICK_MAX, lateMax: LATE_MAX, lastsMs: 10_000 } as const
const lostPrimary = { outageMax: LOCK_MAX + REWIND_MAX, lateMax: LATE_AFTER_MOVE_MAX } as const
const byItself: Mend = () => {}

const freeze = (...folders: readonly string[]): Mend => {
  for (const folder of folders) signalAll(folder, 'SIGSTOP')
  return () => {
    for (const folder of folders) signalAll(folder, 'SIGCONT')
  }
}

/** Its PostgreSQL runs on and takes itself for the primary, while another is made one. */
const freezePatroni = (node: Node): Mend => {
  for (const pid of patroniOf(node)) signalOne(pid, 'SIGSTOP')
  return () => signalAll(node.folder, 'SIGCONT')
}

const kill = async (node: Node, cluster: Cluster): Promise<Mend> => {
  signalAll(node.folder, 'SIGKILL')
  await ended(node.folder, 5_000)
  return () => cluster.start(node)
}

export const faults: readonly Fault[] = [
  {
    ...database,
    name: 'switchover',
    async strike({ roles: { primary, sync } }) {
      const order = { leader: primary.name, candidate: sync.name }
      const answer = await fetch(`http://127.0.0.1:${primary.restPort}/switchover`, {
        method: 'POST',
        body: JSON.stringify(order),
      })
      if (answer.status !== 200) throw new Error(`the switchover was refused: ${await answer.text()}`)
      return byItself
    },
  },
  {
    ...database,
    name: 'postmaster killed',
    async strike({ roles }) {
      killPostmaster(roles.primary)
      return byItself
    },
  },
  {
    ...database,
    name: 'primary killed',
    lastsMs: FREEZE_MS,
    ...lostPrimary,
    strike: ({ roles, cluster }) => kill(roles.primary, cluster),
  },
  {
    ...database,
    name: 'primary frozen',
    lastsMs: FREEZE_MS,
    ...lostPrimary,
    strike: async ({ roles }) => freeze(roles.primary.folder),
  },
  {
    ...database,
    name: 'Patroni frozen',
    lastsMs: FREEZE_MS,
    ...lostPrimary,
    strike: async ({ roles }) => freezePatroni(roles.primary),
  },
  { ...database, name: 'standby killed', strike: ({ roles, cluster }) => kill(roles.sync, cluster) },
  {
    ...database,
    name: 'standby frozen',
    lastsMs: FREEZE_MS,
    outageMax: LOCK_MAX,
    strike: async ({ roles }) => freeze(roles.sync.folder),
  },
  {
    ...database,
    name: 'etcd majority frozen',
    lastsMs: FREEZE_MS,
    strike: async ({ cluster }) => freeze(...cluster.etcd.slice(0, 2).map(({ folder }) => folder)),
  },
  {
    ...database,
    name: 'replica killed',
    lastsMs: 40_000,
    relay: 'ends',
    async strike({ relays: [relay] }) {
      if (!relay) throw new Error('there is no replica to kill')
      signalAll(relay.folder, 'SIGKILL')
      await ended(relay.folder, 5_000)
      return () => relay.start()
    },
  },
  {
    ...database,
    name: 'replica frozen',
    lastsMs: 40_000,
    relay: 'hangs',
    async strike({ relays: [relay] }) {
      if (!relay) throw new Error('there is no replica to freeze')
      return freeze(relay.folder)
    },
  },
]
