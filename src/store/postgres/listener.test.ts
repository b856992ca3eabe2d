import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { HeldClock, until } from '../../../test/support/held-clock.ts'
import { administer, freshDatabase } from '../../../test/support/postgres.ts'
import { startTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { systemRandom } from '../../domain/clock.ts'
import { openPrimary } from './primary.ts'

const database = await freshDatabase()
after(() => database.dispose())

/** Everything that was told, null included, in order. */
const listening = async (t: TestContext, clock = new HeldClock()) => {
  const [{ port } = { port: 0 }] = database.address.hosts
  const proxy = await startTcpProxy(t, { port })
  const address = { ...database.address, hosts: [{ host: '127.0.0.1', port: proxy.port }] }
  const primary = openPrimary(address, { clock, random: systemRandom, connections: 2 })
  t.after(() => primary.close())
  const told: (string | null)[] = []
  primary.listen('news', payload => told.push(payload))
  return { told, proxy, clock, primary }
}

test('whoever listens is told to look as soon as they are heard, and then what others tell', async t => {
  const { told, primary } = await listening(t)
  await until(() => told.length === 1)
  primary.notify('news', 'it’s "here"')
  await administer(database.url, "notify news, 'theirs'")
  await until(() => told.length === 3)
  assert.deepEqual(new Set(told), new Set([null, 'it’s "here"', 'theirs']))
})

test('hints that come at once go together, and equal ones once; none costs a write to the disk', async t => {
  const { told, proxy, primary } = await listening(t)
  await until(() => told.length === 1)
  let statements = 0
  proxy.onSent = piece => {
    if (piece.includes('pg_notify') || piece.includes('hint')) statements += 1
    return true
  }
  for (let n = 0; n < 1_000; n += 1) primary.notify('news', `${n % 3}`)
  await until(() => told.length >= 4)
  const [{ is_off } = { is_off: null }] = await primary.read(db =>
    db.all("select current_setting('synchronous_commit') as is_off"),
  )
  assert.equal(is_off, 'on') // for whatever else is done there
  assert.ok(told.length <= 1 + 4, `${told}`)
  assert.ok(statements <= 3, `${statements} statements`)
})

test('a connection that leads nowhere any more is noticed within 15 s, and whoever listens looks for themselves', async t => {
  const { told, proxy, clock } = await listening(t)
  await until(() => told.length === 1)
  await clock.awaited(10_000)
  proxy.freeze()
  clock.pass(10_000)
  await clock.awaited(5_000)
  clock.pass(5_000)
  proxy.thaw()
  await clock.awaited(1_000)
  clock.pass(1_000)
  await until(() => told.length === 2)
  await administer(database.url, "notify news, 'again'")
  await until(() => told.length === 3)
  assert.deepEqual(told, [null, null, 'again'])
})

test('a connection that breaks off is made anew, however long that takes', async t => {
  const { told, proxy, clock } = await listening(t)
  await until(() => told.length === 1)
  await proxy.refuse()
  for (let round = 0; round < 3; round += 1) {
    await clock.awaited(1_000)
    clock.pass(1_000)
  }
  await clock.awaited(1_000)
  await proxy.listen()
  clock.pass(1_000)
  await until(() => told.length === 2)
})

test('a hint that cannot be given does no harm', async t => {
  const { told, proxy, clock, primary } = await listening(t, new HeldClock(2_000))
  await until(() => told.length === 1)
  await proxy.refuse()
  primary.notify('news', 'lost')
  await clock.awaited(4_000)
  clock.pass(4_000)
  await proxy.listen()
  await until(() => told.length === 2)
  primary.notify('news', 'heard')
  await until(() => told.length === 3)
  assert.deepEqual(told, [null, null, 'heard'])
})
