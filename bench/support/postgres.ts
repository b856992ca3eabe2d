/** PostgreSQL as it comes: its defaults, and every commit synced. Its data lies in the system's temporary folder. */
import { type AddressInfo, connect, createServer } from 'node:net'
import pg from 'pg'
import { systemClock, systemRandom } from '../../src/domain/clock.ts'
import type { PostgresAddress } from '../../src/domain/postgres-address.ts'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { openPrimary } from '../../src/store/postgres/primary.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/store.ts'
import { Frames } from '../../test/simulation/postgres/frames.ts'
import { type PostgresServer, startPostgres } from '../../test/support/postgres-server.ts'

const DEFAULTS = ['fsync=on', 'shared_buffers=128MB', 'max_connections=100']
/** As many as the service has. */
const CONNECTIONS = 8

/** @returns a server on a port of loopback */
export const startServer = (): Promise<PostgresServer> => startPostgres(DEFAULTS)

export type Database = {
  readonly address: PostgresAddress
  readonly url: string
  ask(sql: string): Promise<pg.QueryResult>
}

/** A new database with our schema. */
export const makeDatabase = async ({ port }: PostgresServer, name: string): Promise<Database> => {
  const at = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  const askAt = async (database: string, sql: string) => {
    const client = new pg.Client({ connectionString: at(database) })
    await client.connect()
    const result = await client.query(sql)
    await client.end()
    return result
  }
  await askAt('postgres', `create database ${name}`)
  const hosts = [{ host: '127.0.0.1', port }]
  const address = { hosts, database: name, user: 'postgres', password: null, tls: null, pooler: 'none' } as const
  const primary = openPrimary(address, { clock: systemClock, random: systemRandom, connections: 1 })
  await migrate(primary)
  await primary.close()
  return { address, url: at(name), ask: sql => askAt(name, sql) }
}

export const openStore = ({ address }: Database): Promise<PostgresStore> => {
  const options = { clock: systemClock, random: systemRandom }
  return openPostgresStore(openPrimary(address, { ...options, connections: CONNECTIONS }), options)
}

/** Stands before the server and counts the statements that pass, those that begin and end transactions among them. */
export const startCounter = async ({
  port,
}: PostgresServer): Promise<{ readonly port: number; statements(): number; close(): void }> => {
  let statements = 0
  const server = createServer(client => {
    const upstream = connect(port, '127.0.0.1')
    const frames = new Frames('client')
    client.on('data', piece => {
      statements += frames.take(piece).filter(({ type }) => type === 'Q' || type === 'E').length
      upstream.write(piece)
    })
    upstream.on('data', piece => client.write(piece))
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => {}).on('close', () => other.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    statements: () => statements,
    close: () => void server.close(),
  }
}
