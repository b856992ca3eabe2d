/** A folder with every kind of row in it, made through the store, and all that a store says of what it holds. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock, systemRandom } from '../../src/domain/clock.ts'
import type { DeliveryName } from '../../src/domain/delivery.ts'
import type { Store } from '../../src/domain/store.ts'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { openPrimary } from '../../src/store/postgres/primary.ts'
import { openPostgresStore } from '../../src/store/postgres/store.ts'
import { openDirectStore } from '../../src/store/sqlite/direct.ts'
import { hostile } from '../contracts/hostile.ts'
import { accepted, firstDue, HOUR, keyed, lease, START, settle } from '../contracts/store/arrange.ts'
import { freshDatabase, type TestDatabase } from '../support/postgres.ts'

export const staff = { username: 'Grace#1', name: 'Grace Hopper', staff: true }
/** One character of each plane of Unicode, and what ends and begins the ranges of UTF-8. */
const PLANES = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0x1234)).join('')
const EDGES = '\u0001\u007f\u0080\u07ff\u0800\ud7ff\ue000\ufffd\uffff\u{10000}\u{10ffff}'
export const LONG = `${PLANES}${EDGES}\\x00 {"a","b"} NULL `
  .repeat(12_000)
  .slice(0, 512 * 1024)
  .toWellFormed()
export const TEXTS = [
  LONG,
  PLANES,
  EDGES,
  'NULL',
  '{}',
  '"',
  '\\',
  "'; drop table tickets; --",
  '\\N\t\r\n',
  ...hostile,
]

export const openFolder = (folder: string): Store => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return openDirectStore(join(folder, 'support-relay.db'), { random: systemRandom, now: () => START + 20 })
}

export const newPlace = (t: TestContext): { readonly root: string; readonly folder: string } => {
  const root = mkdtempSync(join(tmpdir(), 'support-relay-move-'))
  t.after(() => rmSync(root, { recursive: true }))
  return { root, folder: join(root, 'data') }
}

export const newDatabase = async (t: TestContext): Promise<TestDatabase> => {
  const database = await freshDatabase()
  t.after(() => database.dispose())
  return database
}

/** Ten tickets of Ada's within an hour (the last with a key), hostile ones of others; deliveries in each state, with attempts and a thread;
 *  comments, notes; a paused and a held destination; a session, an announcement, a replay. @param more further tickets */
export const fill = async (store: Store, more = 0): Promise<void> => {
  const held = await lease(store)
  await accepted(store, { acknowledgement: { destination: 'receipts', address: 'ada@sdu.dk' } })
  await settle(store, held, await firstDue(store), { kind: 'delivered' }, { ref: 'thread-1' })
  for (let i = 1; i < 10; i += 1)
    await accepted(store, { createdAt: START + i, idempotency: i === 9 ? keyed('k') : null })
  await settle(store, held, await firstDue(store, 'devsupport', START + 9), { kind: 'refused', reason: 'too-big' })
  await settle(store, held, await firstDue(store, 'devsupport', START + 9), { kind: 'retry', reason: 'http-500' })
  await settle(store, held, await firstDue(store, 'devsupport', START + 9), {
    kind: 'retry',
    reason: 'http-429',
    waitMs: HOUR,
  })
  const by = { order: { id: 'order-pause', by: 'Grace#1' }, reason: 'maintenance', now: START + 30 }
  await lease(store, 'archive')
  await store.steer({ destination: 'archive', state: 'PAUSED', ...by })
  await store.holdUnserved({ served: ['devsupport'], now: START + 40 })
  for (const message of TEXTS) {
    const username = `user ${message.slice(0, 9)}`.toWellFormed().replaceAll('\0', '')
    const clean = message.toWellFormed().replaceAll('\0', '')
    const { number } = await accepted(store, {
      username,
      subject: clean.slice(0, 200).toWellFormed(),
      message: clean,
      context: { clean },
    })
    const comment = { ticketNumber: number, message: clean, internal: number % 2 === 0, status: null }
    await store.addEvents({ id: `order-${number}`, act: 'comment', by: staff, at: START + 50, items: [comment] })
  }
  const rest = { message: 'x'.repeat(20_000), project: null, projects: [], type: null }
  for (let i = 0; i < more; i += 1) await accepted(store, { username: `more-${i}`, ...rest })
  const principal = { ...staff, role: 'USER', email: null, organization: null, mailDomain: null, projects: [] } as const
  await store.openSession({
    hash: Uint8Array.of(1, 255),
    link: Uint8Array.of(2, 0),
    principal,
    expiresAt: START + HOUR,
  })
  await store.announced({ matter: 'dead/devsupport', at: START, mark: 7 })
  const keys = [{ ticketNumber: 3, eventNumber: 1, destination: 'devsupport' }]
  await store.replay({
    keys,
    state: 'PENDING',
    to: 'archive',
    isDryRun: false,
    now: START + 60,
    id: 'order-replay',
    by: 'Grace#1',
    detail: '{}',
  })
}

const EVERYTHING = { username: null, status: null, type: null, destination: null, delivery: null }
const ANY = { ticketNumber: null, destination: null, state: null, reason: null, from: null, to: null }

const options = { clock: systemClock, random: systemRandom, connections: 2 }
/** With its tables, and nobody connected to it. */
export const newSchema = async (t: TestContext): Promise<TestDatabase> => {
  const database = await newDatabase(t)
  const primary = openPrimary(database.address, options)
  await migrate(primary)
  await primary.close()
  return database
}

/** The store of a service on that database. */
export const openDatabaseStore = async (t: TestContext, { address }: TestDatabase): Promise<Store> => {
  const store = await openPostgresStore(openPrimary(address, options), options)
  t.after(() => store.close())
  return store
}

/** Everything that can be asked of it without changing it. */
export const viewOf = async (store: Store) => {
  const tickets = []
  for (let before: string | null | undefined; before !== null; ) {
    const page = await store.tickets({ filter: EVERYTHING, before: before ?? null, limit: 7 })
    for (const ticket of page.tickets) {
      const { number: ticketNumber } = ticket
      const [events, deliveries] = [await store.events({ ticketNumber }), await store.deliveries({ ticketNumber })]
      const refs = []
      for (const { progress } of deliveries) refs.push((await store.outgoing(progress))?.ref)
      tickets.push({ ticket, events, deliveries, refs })
    }
    before = page.next
  }
  const outbox = []
  for (let before: DeliveryName | null | undefined; before !== null; ) {
    const page = await store.deliveryPage({ filter: ANY, before: before ?? null, limit: 9 })
    outbox.push(...page.deliveries)
    before = page.next
  }
  const destinations = await store.destinations()
  const due = []
  for (const { name } of destinations) due.push(await store.due({ destination: name, now: START + 100, limit: 500 }))
  return {
    key: Buffer.from(store.keys.reference).toString('hex'),
    tickets,
    outbox,
    destinations,
    due,
    announcements: await store.announcements(),
    reasons: await store.deadReasons({ destination: 'devsupport' }),
    session: (await store.session({ hash: Uint8Array.of(1, 255), now: START }))?.principal,
  }
}
