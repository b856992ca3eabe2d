/** Replicas of the built service, on one database: each a "machine" of its own, which keeps its port for life. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOOK_SECRET, SECRET } from '../support/service.ts'
import { DESTINATIONS } from './books.ts'
import type { Cluster } from './cluster.ts'
import { freePorts } from './ports.ts'
import { execute, inside, until } from './processes.ts'

/** What `npm start` runs. Under this Node (24) the launcher is the service: one process. */
const LAUNCHER = join(import.meta.dirname, '../../bin/support-relay.js')
/** Of each destination. No more than so many sends can be under way. */
export const CONCURRENCY = 16

export type Relay = {
  readonly name: string
  readonly address: string
  readonly folder: string
  /** Starts it (again), and resolves once it says that it takes tickets. */
  start(): Promise<void>
  /** The id of its process; undefined while there is none. */
  pid(): number | undefined
}

/** Two of them, and the role and the database they use. */
export const startRelays = async (cluster: Cluster, options: { folder: string; receivers: string }) => {
  const password = randomBytes(18).toString('base64url')
  await cluster.ask(`create role relay login password '${password}'`, [], 'postgres')
  await cluster.ask('create database relay owner relay', [], 'postgres')
  const ports = await freePorts(2)
  const relays = ports.map((port, i): Relay => {
    const name = `relay${i + 1}`
    const address = `http://127.0.0.1:${port}`
    const folder = join(options.folder, name)
    mkdirSync(folder)
    const config = join(folder, 'support-relay.yaml')
    writeFileSync(config, configurationFor(port, cluster, options.receivers))
    return {
      name,
      address,
      folder,
      async start() {
        execute({
          program: process.execPath,
          args: [LAUNCHER, 'serve', '--config', config],
          folder,
          log: join(options.folder, 'logs', `${name}.log`),
          env: { PATH: '/usr/bin:/bin', HOME: folder, PGPASSWORD_RELAY: password },
          user: {},
        })
        if (!(await until(() => takesTickets(address), 30_000))) throw new Error(`${name} does not take tickets`)
      },
      pid: () => inside(folder)[0],
    }
  })
  for (const relay of relays) await relay.start()
  return relays
}

const takesTickets = async (address: string): Promise<boolean> => {
  try {
    const answer = await fetch(`${address}/status`, { signal: AbortSignal.timeout(2_000) })
    await answer.body?.cancel()
    return answer.status === 200
  } catch {
    return false
  }
}

const configurationFor = (port: number, { nodes }: Cluster, receivers: string): string => `
server: { port: ${port} }
store: "postgres://relay:\${PGPASSWORD_RELAY}@${nodes.map(node => `127.0.0.1:${node.port}`).join(',')}/relay"
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
${DESTINATIONS.map(
  name =>
    `  ${name}: { kind: webhook, url: "${receivers}/${name}", secret: "${HOOK_SECRET}", concurrency: ${CONCURRENCY} }`,
).join('\n')}
routes: [{ to: [${DESTINATIONS}] }]
limits: { ticketsPerUserPerHour: 1000000 }
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
`
