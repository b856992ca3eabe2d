/** What a pooler that hands out sessions for one transaction would break is not used: seen from the wire, on a real server. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { freshDatabase } from '../../../test/support/postgres.ts'
import { startTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { openPrimary } from './primary.ts'

const database = await freshDatabase()
after(() => database.dispose())

for (const pooler of ['none', 'transaction'] as const)
  test(`pooler: ${pooler}: limits hold for each transaction`, async t => {
    const [{ port } = { port: 0 }] = database.address.hosts
    const proxy = await startTcpProxy(t, { port })
    const address = { ...database.address, hosts: [{ host: '127.0.0.1', port: proxy.port }], pooler }
    let sent = ''
    proxy.onSent = piece => {
      sent += piece.toString('latin1')
      return true
    }
    const primary = openPrimary(address, { clock: systemClock, random: systemRandom, connections: 1 })
    t.after(() => primary.close())
    const told: unknown[] = []
    primary.listen('news', payload => told.push(payload))
    primary.notify('news', 'hint')
    const limits = `select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle, current_setting('enable_seqscan') as scans, $1::int as n,
      (select count(*) from pg_prepared_statements) as names`
    const asked = (n: number) => [
      primary.read(db => db.all(limits, [n])),
      primary.transaction(db => db.all(limits, [n + 1])),
      primary.statement({ sql: limits, values: [n + 2] }),
    ]
    for (const [n, [row]] of (await Promise.all([...asked(0), ...asked(3)])).entries())
      assert.deepEqual(row, {
        lock: '2s',
        statement: '4500ms',
        idle: '5s',
        scans: 'off',
        n,
        names: pooler === 'none' ? row?.names : 0,
      })
    const isPooled = pooler === 'transaction'
    assert.equal(/options\0/.test(sent), !isPooled)
    assert.equal(/listen "news"|pg_notify/.test(sent), !isPooled)
    assert.equal(sent.includes('set local'), isPooled)
    assert.equal(isPooled && told.length > 0, false)
  })

test('a pooler that is not declared is told at once', async t => {
  const [{ port } = { port: 0 }] = database.address.hosts
  const proxy = await startTcpProxy(t, { port })
  // What came as `options` arrives under a name that means nothing, as behind a pooler that is told to overlook it.
  proxy.onSent = piece => {
    const at = piece.indexOf('options\0')
    if (at >= 0) piece.write('a.thing', at)
    return true
  }
  const address = { ...database.address, hosts: [{ host: '127.0.0.1', port: proxy.port }] }
  const asked = async (pooler: 'none' | 'transaction') => {
    const primary = openPrimary({ ...address, pooler }, { clock: systemClock, random: systemRandom, connections: 1 })
    t.after(() => primary.close())
    return primary.read(db => db.all('select 1 as one'))
  }
  await assert.rejects(asked('none'), {
    isPermanent: true,
    message: /a pooler that is not declared.*`pooler: transaction`/,
  })
  assert.deepEqual(await asked('transaction'), [{ one: 1 }])
})
