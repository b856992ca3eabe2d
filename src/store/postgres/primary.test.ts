import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import { HeldClock, until } from '../../../test/support/held-clock.ts'
import { administer, freshDatabase } from '../../../test/support/postgres.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { openPrimary, type PrimaryOptions } from './primary.ts'
import type { Primary } from './session.ts'

const database = await freshDatabase()
await administer(database.url, 'create table rows (id bigint primary key, n int not null)')
after(() => database.dispose())

const open = (options: Partial<PrimaryOptions> = {}) =>
  openPrimary(database.address, { clock: systemClock, random: systemRandom, connections: 3, ...options })

test('a transaction counts as a whole, once it is committed', async t => {
  const primary = open()
  t.after(() => primary.close())
  const written = await primary.transaction(async db => {
    await db.run('insert into rows values ($1, 1)', [100])
    return db.run('insert into rows select n, n from generate_series(101, 104) n')
  })
  assert.equal(written, 4)
  const rows = await primary.read(db => db.all('select id from rows where id between $1 and 109', [100]))
  assert.deepEqual(
    rows.map(({ id }) => id),
    [100, 101, 102, 103, 104],
  )
})

test('what its work throws is passed on as it is, and nothing was written', async t => {
  const primary = open({ connections: 1 })
  t.after(() => primary.close())
  const ours = new Error('on second thoughts')
  const failing = (fail: (db: { run(sql: string): Promise<number> }) => Promise<unknown>) =>
    primary.transaction(async db => {
      await db.run('insert into rows values (200, 1)')
      await fail(db)
    })
  const isOurs = (error: unknown) => error === ours
  await assert.rejects(
    failing(() => Promise.reject(ours)),
    isOurs,
  )
  await assert.rejects(
    failing(db => db.run('insert into rows values (200, 2)')),
    { code: '23505' },
  )
  await assert.rejects(
    failing(db => db.run('insert into rows values (201, null)')),
    { code: '23502' },
  )
  await assert.rejects(
    failing(db => db.run('selec')),
    { code: '42601' },
  )
  assert.deepEqual(await primary.read(db => db.all('select * from rows where id >= 200 and id < 300')), [])
})

test('what the database says of a value that it refuses holds nothing of the value', async t => {
  const primary = open()
  t.after(() => primary.close())
  await administer(database.url, 'create table texts (text text unique, n int not null)')
  for (const [sql, code] of [
    ['insert into texts values ($1, $1::text::int)', '22P02'],
    ['insert into texts values ($1, null)', '23502'],
    ['insert into texts values ($1, 1), ($1, 2)', '23505'],
  ] as const) {
    const refused = primary.transaction(db => db.run(sql, ['my secret']))
    await assert.rejects(refused, (error: Error & { code: string }) => {
      assert.equal(error.code, code)
      assert.doesNotMatch(inspect(error, { showHidden: true, depth: 9 }), /my secret/)
      return true
    })
  }
})

test('a constraint that only the commit checks is passed on as well', async t => {
  const primary = open()
  t.after(() => primary.close())
  await administer(database.url, 'create table late (id int unique deferrable initially deferred)')
  const twice = primary.transaction(db => db.run('insert into late values (1), (1)'))
  await assert.rejects(twice, { code: '23505' })
})

test('a failure that the work hides does not pass for a commit', async t => {
  const primary = open({ connections: 1 })
  t.after(() => primary.close())
  const hidden = primary.transaction(async db => {
    await db.run('insert into rows values (300, 1)')
    await db.run('insert into rows values (300, 1)').catch(() => {})
  })
  await assert.rejects(hidden, /nobody was told/)
  assert.deepEqual(await primary.read(db => db.all('select * from rows where id = 300')), [])
})

test('a statement that comes after the end reaches nobody else’s transaction', async t => {
  const primary = open({ connections: 1 })
  t.after(() => primary.close())
  const kept = await primary.transaction(async db => ({ db }))
  await assert.rejects(kept.db.run('insert into rows values (400, 1)'), /after the end/)
  await assert.rejects(
    primary.read(db => db.run('delete from rows')),
    /needs a transaction/,
  )
})

test('counts, moments and bytes come as numbers and bytes; several statements at once have each its answer', async t => {
  const primary = open()
  t.after(() => primary.close())
  const [row] = await primary.read(db =>
    db.all("select $1::bigint as big, array[1, $1]::bigint[] as bigs, count(*) as count, '\\x00ff'::bytea as bytes", [
      2 ** 52,
    ]),
  )
  assert.deepEqual(row, { big: 2 ** 52, bigs: [1, 2 ** 52], count: 1, bytes: Buffer.from([0, 255]) })
  const numbers = Array.from({ length: 20 }, (_, n) => n)
  const answers = await primary.read(db => Promise.all(numbers.map(n => db.all('select $1::int as n', [n]))))
  assert.deepEqual(
    answers.map(([answer]) => answer?.n),
    numbers,
  )
})

test('two that lock each other out both come through', async t => {
  const primary = open()
  t.after(() => primary.close())
  await primary.transaction(db => db.run('insert into rows values (500, 0), (501, 0)'))
  let met = 0
  const inOrder = (ids: readonly number[]) =>
    primary.transaction(async db => {
      for (const id of ids) {
        await db.run('update rows set n = n + 1 where id = $1', [id])
        met += 1
        await until(() => met >= 2)
      }
    })
  await Promise.all([inOrder([500, 501]), inOrder([501, 500])])
  const rows = await primary.read(db => db.all('select n from rows where id in (500, 501)'))
  assert.deepEqual(rows, [{ n: 2 }, { n: 2 }])
})

test('a lock that others keep is waited for, again and again, and then nothing was written', async t => {
  const clock = new HeldClock(400) // the longest pause between two tries
  const primary = open({ clock })
  t.after(() => primary.close())
  await primary.transaction(db => db.run('insert into rows values (600, 0)'))
  let tried = 0
  await primary.transaction(async db => {
    await db.run('update rows set n = 1 where id = 600')
    const other = primary.transaction(async inner => {
      tried += 1
      await inner.run("set local lock_timeout = '10ms'")
      await inner.run('update rows set n = 2 where id = 600')
    })
    await assert.rejects(other, { name: 'StoreUnavailable', outcome: 'not-written', message: /others hold/ })
  })
  assert.equal(tried, 4)
})

test('a column that another version adds is no trouble for statements that were prepared before', async t => {
  const primary = open({ connections: 1 })
  t.after(() => primary.close())
  await administer(database.url, 'create table growing (id int); insert into growing values (1)')
  const all = () => primary.read(db => db.all('select * from growing where id = $1', [1]))
  assert.deepEqual(await all(), [{ id: 1 }])
  await administer(database.url, "alter table growing add column note text default 'new'")
  assert.deepEqual(await all(), [{ id: 1, note: 'new' }])
  await administer(database.url, 'alter table growing drop column note')
  assert.deepEqual(await primary.transaction(db => db.all('select * from growing where id = $1', [1])), [{ id: 1 }])
})

/** Keeps a connection busy from when it resolves until it is told otherwise. */
const hold = (primary: Primary): Promise<() => void> =>
  new Promise((resolve, reject) => {
    primary.read(() => new Promise<void>(release => resolve(release))).catch(reject)
  })

test('no more connections than allowed: whoever finds none free is served by the next that is', async t => {
  const primary = open({ connections: 2 })
  t.after(() => primary.close())
  const [release, releaseOther] = await Promise.all([hold(primary), hold(primary)])
  const waiting = [1, 2, 3].map(n => primary.read(db => db.all('select $1::int as n, pg_backend_pid() as pid', [n])))
  release()
  const rows = (await Promise.all(waiting)).flat()
  assert.deepEqual(
    rows.map(({ n }) => n),
    [1, 2, 3],
  )
  assert.equal(new Set(rows.map(({ pid }) => pid)).size, 1)
  releaseOther()
})

test('whoever waits for a free connection in vain is told so after 4 s', async t => {
  const clock = new HeldClock()
  const primary = open({ clock, connections: 1 })
  t.after(() => primary.close())
  const release = await hold(primary)
  const waiting = primary.transaction(db => db.run('select 1'))
  clock.pass(3_900)
  assert.equal(await Promise.race([waiting, new Promise(resolve => setImmediate(resolve, 'waits'))]), 'waits')
  clock.pass(200)
  await assert.rejects(waiting, { name: 'StoreUnavailable', outcome: 'not-written', message: /busy/ })
  release()
})

test('closing waits for what is under way, and later calls are refused', async () => {
  const primary = open()
  const release = await hold(primary)
  let isClosed = false
  const closing = primary.close().then(() => (isClosed = true))
  await assert.rejects(
    primary.read(db => db.all('select 1')),
    { name: 'StoreUnavailable', outcome: 'not-written' },
  )
  assert.equal(isClosed, false)
  release()
  await closing
})

test('a long transaction outlasts the limits of the others, on either side, and waits for locks as shortly as they', async t => {
  const clock = new HeldClock()
  const primary = open({ clock, connections: 1 })
  t.after(() => primary.close())
  await administer(database.url, 'create table is_told (a int)')
  // Ends when it is told to, and says then under which limits it ran.
  const waits = `do $$ begin while not exists (select from is_told) loop perform pg_sleep(0.01); end loop; end $$`
  const limits = "select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock"
  let isUnderWay = false
  const long = primary.longTransaction(async db => {
    isUnderWay = true
    await db.run(waits)
    return db.all(limits)
  })
  await until(() => isUnderWay)
  clock.pass(3_600_000)
  await administer(database.url, 'insert into is_told values (1)')
  assert.deepEqual(await long, [{ statement: '0', lock: '2s' }])
  assert.deepEqual(await primary.transaction(db => db.all(limits)), [{ statement: '4500ms', lock: '2s' }])
})

test('a schema that is changed beside us costs no call, however many connections have seen the old one', async t => {
  const primary = open({ connections: 6 })
  t.after(() => primary.close())
  await administer(database.url, 'create table grows (a int); insert into grows values (1)')
  const everything = 'select * from grows where a = $1'
  const all = Promise.withResolvers<void>()
  let count = 0
  await Promise.all(
    Array.from({ length: 6 }, () =>
      primary.read(async db => {
        await db.all(everything, [1])
        count += 1
        if (count === 6) all.resolve()
        await all.promise
      }),
    ),
  )
  await administer(database.url, 'alter table grows add column b int')
  assert.deepEqual(await primary.read(db => db.all(everything, [1])), [{ a: 1, b: null }])
})
