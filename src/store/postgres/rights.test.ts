/** What is printed for a role that only serves is enough for the store, and is all that is asked for. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { eventCases } from '../../../test/contracts/store/events.ts'
import { intakeCases } from '../../../test/contracts/store/intake.ts'
import { leaseCases } from '../../../test/contracts/store/leases.ts'
import { replayCases } from '../../../test/contracts/store/replay.ts'
import { retentionCases } from '../../../test/contracts/store/retention.ts'
import { searchCases } from '../../../test/contracts/store/search.ts'
import { sessionCases } from '../../../test/contracts/store/sessions.ts'
import { settleCases } from '../../../test/contracts/store/settle.ts'
import { administer, asked, emptied, freshDatabase, type TestDatabase } from '../../../test/support/postgres.ts'
import { reopenable } from '../../../test/support/reopenable.ts'
import { systemClock, systemRandom } from '../../domain/clock.ts'
import { migrate, refuseWithoutRights } from './migrate.ts'
import { openPrimary } from './primary.ts'
import { grantsTo, TABLES } from './rights.ts'
import { openPostgresStore } from './store.ts'

/** A name that has to be quoted. */
const role = `serves "only" ${randomUUID()}`
const quotedRole = `"${role.replaceAll('"', '""')}"`
const options = { clock: systemClock, random: systemRandom, connections: 4 }

/** Migrated by another role, with what is printed for ours, and copied for each case. */
const pattern = freshDatabase().then(async database => {
  const primary = openPrimary(database.address, options)
  await migrate(primary)
  await primary.close()
  const grants = grantsTo(role)
  assert.ok(grants.every(statement => statement.endsWith(`TO ${quotedRole};`)))
  await administer(database.url, `create role ${quotedRole} login password 'as it may'`)
  for (const statement of grants) await administer(database.url, statement)
  return database
})

const asRole = ({ address }: TestDatabase) => openPrimary({ ...address, user: role, password: 'as it may' }, options)

const served = pattern.then(({ address }) => freshDatabase(address.database))
after(async () => {
  for (const database of [await served, await pattern]) await database.dispose()
})

const open = async () => {
  const database = await served
  return reopenable(
    () => openPostgresStore(asRole(database), options),
    () => emptied(database),
  )
}

const cases = [intakeCases, settleCases, leaseCases, eventCases, searchCases, replayCases, retentionCases, sessionCases]
for (const contract of cases) contract('PostgreSQL, as a role that only serves', open)

for (const [revoked, fix] of [
  ['usage on schema support', 'GRANT USAGE ON SCHEMA support TO '],
  ['delete on support.sessions', 'GRANT DELETE ON TABLE support.sessions TO '],
  ['select on support.schema_version', 'GRANT SELECT ON TABLE support.schema_version TO '],
  [
    'insert, update on support.tickets, support.events',
    'GRANT INSERT, UPDATE ON TABLE support.events, support.tickets TO ',
  ],
  ['usage on sequence support.ticket_numbers', 'GRANT USAGE ON SEQUENCE support.ticket_numbers TO '],
] as const)
  test(`a role without ${revoked} is told the one statement that gives it`, async t => {
    const database = await freshDatabase((await pattern).address.database)
    const primary = asRole(database)
    t.after(async () => {
      await primary.close()
      await database.dispose()
    })
    await refuseWithoutRights(primary)
    await administer(database.url, `revoke ${revoked} from ${quotedRole}`)
    const told = await refuseWithoutRights(primary).then(
      () => '',
      (error: Error) => `${error.name}: ${error.message}`,
    )
    const statement = `${fix}${quotedRole};`
    assert.equal(
      told,
      `SchemaRefused: "${role}" lacks rights in the schema "support". Run as its owner: ${statement} Nothing was changed.`,
    )
    await administer(database.url, statement)
    await refuseWithoutRights(primary)
  })

test('the role may do nothing else', async () => {
  const { url } = await pattern
  for (const statement of [
    'create table support.more ()',
    'alter table support.meta add column x int',
    'create schema own',
  ])
    await assert.rejects(administer(url, `set role ${quotedRole}; ${statement}`), { code: '42501' }, statement)
})

test('what others keep in the schema is nobody’s business, and every table of ours is known', async t => {
  const database = await freshDatabase((await pattern).address.database)
  const primary = asRole(database)
  t.after(async () => {
    await primary.close()
    await database.dispose()
  })
  const sql =
    "select array_agg(tablename::text order by tablename) as names from pg_tables where schemaname = 'support'"
  assert.deepEqual((await asked(database.url, sql))[0]?.names, TABLES)
  await administer(database.url, 'create table support.copy_of_somebody (a int)')
  await refuseWithoutRights(primary)
  assert.ok(!grantsTo(role).some(statement => /copy_of_somebody|ALL TABLES/.test(statement)))
})

test('another program’s schema_version is not taken for ours, empty or not', async t => {
  const database = await freshDatabase()
  t.after(() => database.dispose())
  await administer(database.url, 'create schema support; create table support.schema_version (version int, dirty bool)')
  const refused = { name: 'SchemaRefused', message: /holds tables of another program \(schema_version\)/ }
  for (const sql of ['select 1', 'insert into support.schema_version values (7, false)']) {
    await administer(database.url, sql)
    const primary = openPrimary(database.address, options)
    await assert.rejects(migrate(primary), refused)
    await assert.rejects(refuseWithoutRights(primary), refused)
    await primary.close()
  }
})
