/** The store's contract through a real PgBouncer that shares its sessions (Debian's): `npm run prove:pooler`. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { systemClock, systemRandom } from '../../src/domain/clock.ts'
import type { PostgresAddress } from '../../src/domain/postgres-address.ts'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { openPrimary } from '../../src/store/postgres/primary.ts'
import { openPostgresStore } from '../../src/store/postgres/store.ts'
import { storeContract } from '../contracts/store.ts'
import { emptied, freshDatabase } from '../support/postgres.ts'
import { user } from '../support/postgres-binaries.ts'
import { freePort } from '../support/postgres-server.ts'
import { reopenable } from '../support/reopenable.ts'

const PROGRAM = process.env.TEST_PGBOUNCER ?? '/usr/sbin/pgbouncer'
assert.ok(existsSync(PROGRAM), `${PROGRAM} is not there: apt-get install pgbouncer`)

const pattern = await freshDatabase()
const [server] = pattern.address.hosts
const folder = mkdtempSync(join(tmpdir(), 'support-relay-pooler-'))
const port = await freePort()
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const settings = `
[databases]
* = host=${server?.host} port=${server?.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${file('users', `"${pattern.address.user}" ""\n`)}
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
`
const pooler: ChildProcess = spawn(PROGRAM, [file('pgbouncer.ini', settings)], { ...user, stdio: 'ignore' })
if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
after(async () => {
  pooler.kill('SIGKILL')
  await once(pooler, 'exit')
  rmSync(folder, { recursive: true })
  await pattern.dispose()
})
const isListening = () =>
  new Promise<boolean>(resolve => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
    socket.unref()
  })
while (!(await isListening())) {
  assert.equal(pooler.exitCode, null, 'PgBouncer ended')
  await new Promise(resolve => setTimeout(resolve, 20))
}

const options = { clock: systemClock, random: systemRandom }
const through = (address: PostgresAddress, mode: PostgresAddress['pooler'] = 'transaction') =>
  openPrimary({ ...address, hosts: [{ host: '127.0.0.1', port }], pooler: mode }, { ...options, connections: 4 })

const direct = openPrimary(pattern.address, { ...options, connections: 1 })
await migrate(direct)
await direct.close()

test('a pooler that is not declared is told as one', async () => {
  const primary = through(pattern.address, 'none')
  await assert.rejects(
    primary.read(db => db.all('select 1')),
    { isPermanent: true, message: /pooler/ },
  )
  await primary.close()
})

storeContract('PostgreSQL behind PgBouncer', () =>
  reopenable(
    () => openPostgresStore(through(pattern.address), options),
    () => emptied(pattern),
  ),
)
