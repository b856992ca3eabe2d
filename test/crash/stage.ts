/** A folder, its receivers and its clients: the service is executed on it again and again, and killed each time. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chanceFrom } from '../simulation/chance.ts'
import { HOOK_SECRET, type Launched, launch, SECRET } from '../support/service.ts'
import { Books, type Life } from './books.ts'
import { Load } from './load.ts'
import type { Moment } from './moments.ts'
import { type Receivers, startReceivers } from './receivers.ts'
import { waitedMs } from './starvation.ts'
import { RECEIVERS, ROUTES } from './tickets.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** What `npm start` runs. Under this Node (24) the launcher is the service: one process, which owns the store. */
const LAUNCHER = join(ROOT, 'bin', 'support-relay.js')
const CONNECTIONS = 32
/** A life that does not come to listen is not waited for longer than this. */
const START_MAX_MS = 30_000

export type Stage = {
  readonly books: Books
  readonly load: Load
  readonly chance: ReturnType<typeof chanceFrom>
  /** One life: executed, loaded with at most `newMax` new tickets, killed at this moment. */
  cycle(moment: Moment, newMax: number): Promise<void>
  /** A life that `use` may end in its own way. */
  live<T>(use: (address: string, service: Launched) => Promise<T>): Promise<T>
  dispose(): Promise<void>
}

export const openStage = async (seed: number): Promise<Stage> => {
  // Does nothing when what was built is no older than the source.
  const built = spawnSync(process.execPath, [join(ROOT, 'scripts', 'ensure.js')], { stdio: ['ignore', 2, 2] })
  if (built.status !== 0) throw new Error('the service could not be built')
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-crash-'))
  const data = join(folder, 'data')
  const config = join(folder, 'support-relay.yaml')
  const chance = chanceFrom(seed)
  const books = new Books(seed)
  // Chances of their own, so that the moments of the kills follow from the seed alone.
  const receivers = await startReceivers(books, chanceFrom(seed + 1))
  const load = new Load(books, chanceFrom(seed + 2), seed)
  writeFileSync(config, configurationFor(receivers))
  let current: Launched | undefined
  // Also when the run is given up in the middle: neither process nor folder stays behind.
  const clear = () => {
    current?.child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', clear)

  const begin = (): { life: Life; service: Launched } => {
    const life = books.begin(performance.now())
    receivers.serve(life)
    current = launch(LAUNCHER, ['serve', '--config', config, '--data', data], folder)
    return { life, service: current }
  }
  const kill = async (life: Life, service: Launched) => {
    life.waitedMs = waitedMs(service.child.pid ?? 0)
    life.killedAt = performance.now()
    service.child.kill('SIGKILL')
    const how = await service.ended
    if (how !== 'SIGKILL') books.violate(`life ${life.nth} ended by itself with ${how}: ${service.printed()}`)
    await receivers.settled()
  }
  /** Kills what is meant: the process that the folder names as its owner. */
  const checkOwner = (service: Launched) => {
    const { pid } = JSON.parse(readFileSync(join(data, 'service.json'), 'utf8'))
    if (pid !== service.child.pid) throw new Error(`process ${pid} owns the store, not the one that is killed`)
  }

  return {
    books,
    load,
    chance,
    async cycle(moment, newMax) {
      const { life, service } = begin()
      const isKilled = () => life.killedAt < Number.POSITIVE_INFINITY
      const loaded = service.listening.then(
        address => {
          life.listenedAt = performance.now()
          return load.run(address, { connections: CONNECTIONS, newMax, isKilled })
        },
        error => {
          if (!isKilled()) books.violate(`life ${life.nth} did not start: ${error}`)
        },
      )
      if (moment.after === 'listening') {
        await Promise.race([service.listening, service.ended, after(START_MAX_MS)])
        if (life.listenedAt === null) books.violate(`life ${life.nth} did not come to listen: ${service.printed()}`)
        else if (life.nth === 1) checkOwner(service)
      }
      await after(moment.ms)
      await kill(life, service)
      await loaded
    },
    async live(use) {
      const { service } = begin()
      return await use(await service.listening, service)
    },
    async dispose() {
      current?.child.kill('SIGKILL')
      await current?.ended
      await receivers.close()
      clear()
      process.off('exit', clear)
    },
  }
}

/** Real time is what is under test: when the kill comes. */
const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms).unref())

const configurationFor = ({ url }: Receivers): string => `
server: { port: 0 }
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
${RECEIVERS.map(({ name, kind, concurrency }) => {
  const own = kind === 'slack' ? 'rate: 1000/s' : `secret: "${HOOK_SECRET}"`
  return `  ${name}: { kind: ${kind}, url: "${url}/${name}", concurrency: ${concurrency}, ${own} }`
}).join('\n')}
routes:
  - { when: { type: BUG }, to: [${ROUTES.BUG}] }
  - { when: { type: SUGGESTION }, to: [${ROUTES.SUGGESTION}] }
  - { to: [${ROUTES.none}] }
limits: { ticketsPerUserPerHour: 1000000 }
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
`
