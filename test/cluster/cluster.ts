/** A PostgreSQL of three nodes under Patroni, with three etcd, on loopback, in one folder. */
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { type Etcd, isHealthy, startEtcd } from './etcd.ts'
import { configure, type Node, type State, startNode, stateOf } from './node.ts'
import { freePorts } from './ports.ts'
import { pause, type User, until } from './processes.ts'
import type { Parts } from './requirements.ts'

export type Cluster = {
  readonly nodes: readonly Node[]
  readonly etcd: readonly Etcd[]
  /** Starts a machine again that was killed. */
  start(node: Node): void
  /** One primary, two standbys that follow it, one of them synchronous. Fails when it does not come to that within this time. */
  whole(withinMs: number): Promise<Roles>
  /** Asks the primary, as its superuser. */
  ask(sql: string, values?: readonly unknown[], database?: string): Promise<Record<string, unknown>[]>
}

export type Roles = { readonly primary: Node; readonly sync: Node; readonly other: Node }

export const startCluster = async (parts: Parts, folder: string): Promise<Cluster> => {
  const own = (path: string) => ownFolder(path, parts.user)
  const ports = await freePorts(12)
  const port = () => ports.pop() ?? 0
  const member = (nth: number): Etcd => {
    const name = `etcd${nth}`
    return { name, clientPort: port(), peerPort: port(), folder: own(join(folder, name)) }
  }
  const machine = (nth: number): Node => {
    const name = `pg${nth}`
    return { name, port: port(), restPort: port(), folder: own(join(folder, name)) }
  }
  const [etcd, nodes] = [[1, 2, 3].map(member), [1, 2, 3].map(machine)]
  const surroundings = {
    parts: { ...parts, patroni: readable(parts.patroni, join(folder, 'python')) },
    etcd: etcd.map(({ clientPort }) => `127.0.0.1:${clientPort}`),
    logs: join(folder, 'logs'),
    passwords: { superuser: password(), replication: password(), rewind: password() },
  }

  const cluster: Cluster = {
    nodes,
    etcd,
    start: node => startNode(node, surroundings),
    async whole(withinMs) {
      let states: States = new Map()
      const isWhole = async () => {
        states = await look(nodes)
        return rolesIn(states) !== undefined
      }
      await until(isWhole, withinMs)
      const roles = rolesIn(states)
      if (roles) return roles
      const seen = nodes.map(node => `${node.name}: ${JSON.stringify(states.get(node) ?? 'no answer')}`)
      throw new Error(`the cluster is not whole after ${withinMs / 1_000} s: ${seen.join(', ')}`)
    },
    async ask(sql, values = [], database = 'relay') {
      const primary = await primaryOf(nodes)
      const login = { user: 'postgres', password: surroundings.passwords.superuser, database }
      const client = new Client({ host: '127.0.0.1', port: primary.port, ...login })
      await client.connect()
      try {
        return (await client.query(sql, [...values])).rows
      } finally {
        await client.end()
      }
    },
  }

  startEtcd(etcd, surroundings)
  for (const one of etcd)
    if (!(await until(() => isHealthy(one), 60_000))) throw new Error(`${one.name} does not answer`)
  for (const node of nodes) {
    configure(node, surroundings)
    if (parts.user.uid !== undefined) chownSync(join(node.folder, 'patroni.yml'), parts.user.uid, parts.user.gid ?? 0)
    startNode(node, surroundings)
    await pause(200) // the first of them becomes the primary
  }
  await cluster.whole(180_000)
  return cluster
}

type States = ReadonlyMap<Node, State | undefined>

const look = async (nodes: readonly Node[]): Promise<States> =>
  new Map(await Promise.all(nodes.map(async node => [node, await stateOf(node)] as const)))

const primaryOf = async (nodes: readonly Node[]): Promise<Node> => {
  for (const begun = performance.now(); performance.now() - begun < 60_000; await pause(200)) {
    const primary = primaryIn(await look(nodes))
    if (primary) return primary
  }
  throw new Error('no node says that it is primary, or more than one')
}

const primaryIn = (states: States): Node | undefined => {
  const [primary, ...more] = [...states].filter(([, state]) => state?.isPrimary)
  return more.length === 0 ? primary?.[0] : undefined
}

const rolesIn = (states: States): Roles | undefined => {
  const all = [...states].flatMap(([node, state]) => (state ? [{ node, ...state }] : []))
  const primary = all.find(({ node }) => node === primaryIn(states))
  const standbys = all.filter(({ isPrimary, isStreaming }) => !isPrimary && isStreaming)
  const [sync, other] = [standbys.find(({ isSync }) => isSync), standbys.find(({ isSync }) => !isSync)]
  if (!primary || !sync || !other) return undefined
  if (standbys.some(({ timeline }) => timeline !== primary.timeline)) return undefined
  return { primary: primary.node, sync: sync.node, other: other.node }
}

const ownFolder = (path: string, { uid, gid }: User): string => {
  mkdirSync(path, { mode: 0o700 })
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
  return path
}

/** A copy where PostgreSQL's user may read it. */
const readable = (patroni: string | null, to: string): string | null => {
  if (patroni === null) return null
  cpSync(patroni, to, { recursive: true })
  chmodSync(to, 0o755)
  return to
}

const password = (): string => randomBytes(18).toString('base64url')
