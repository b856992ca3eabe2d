/** Answers as the REST API of a Patroni does, in the shapes of its versions 4.0.7 and 3.0.2. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

const running = {
  state: 'running',
  postmaster_start_time: '2026-11-25 10:11:12.131415+00:00',
  server_version: 150_018,
  xlog: { location: 83_886_528 },
  timeline: 1,
  dcs_last_seen: 1_764_065_472,
  database_system_identifier: '7576584938475612345',
}
const replication = (state: Record<string, string>) => [
  {
    usename: 'repl',
    application_name: 'pg2',
    client_addr: '127.0.0.1',
    ...state,
    sync_state: 'sync',
    sync_priority: 1,
  },
]
/** By version, what `GET /patroni` answers. */
const STATUS = {
  '4.0.7': {
    ...running,
    role: 'primary',
    replication: replication({ state: 'streaming' }),
    patroni: { version: '4.0.7', scope: 'relay', name: 'pg1' },
  },
  '3.0.2': {
    ...running,
    role: 'master',
    replication: replication({ state: 'streaming' }),
    patroni: { version: '3.0.2', scope: 'relay' },
  },
} as const

/** What `GET /config` answers where all is as it should be. */
export const soundSettings = {
  ttl: 20,
  loop_wait: 2,
  primary_start_timeout: 0,
  synchronous_mode: true,
  synchronous_mode_strict: true,
  failsafe_mode: true,
  postgresql: { use_pg_rewind: true, use_slots: true, parameters: { max_connections: 100 } },
}

/** @param config what `GET /config` is answered with, where not with `settings` and 200 @returns the address of its REST API */
export const startPatroni = async (
  t: TestContext,
  version: keyof typeof STATUS,
  settings: Readonly<Record<string, unknown>>,
  config = { status: 200, body: JSON.stringify(settings) },
): Promise<string> => {
  const answers: Readonly<Record<string, typeof config>> = {
    '/patroni': { status: 200, body: JSON.stringify(STATUS[version]) },
    '/config': config,
  }
  const server = createServer(({ method, url }, response) => {
    const { status, body } = (method === 'GET' && answers[url ?? '']) || { status: 404, body: '{}' }
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo // it listens on TCP
  return `http://127.0.0.1:${port}`
}
