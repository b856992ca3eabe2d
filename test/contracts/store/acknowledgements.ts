/** Telling the writer that a ticket arrived: one more delivery, three to an address within an hour, and nothing that follows. */
import assert from 'node:assert/strict'
import type { Store } from '../../../src/domain/store.ts'
import { accepted, DAY, dueNow, HOUR, keyed, type Open, START, storeTest, ticket } from './arrange.ts'

const to = (address: string) => ({ destination: 'receipts', address })
const ADA = to('ada@sdu.dk')

/** Where the ticket's deliveries go. */
const places = async (store: Store, ticketNumber: number) =>
  (await store.deliveries({ ticketNumber })).map(({ progress }) => progress.destination)

/** Whether a ticket made then is acknowledged. */
const isTold = async (store: Store, overrides: Parameters<typeof accepted>[1] = {}) => {
  const { number } = await accepted(store, { acknowledgement: ADA, limitPerHour: 1_000, ...overrides })
  return (await places(store, number)).includes('receipts')
}
const told = async (store: Store, moments: readonly number[]) => {
  const all: boolean[] = []
  for (const createdAt of moments) all.push(await isTold(store, { createdAt }))
  return all
}

export const acknowledgementCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) =>
    storeTest(name, open, `acknowledgements: ${what}`, run)

  it('it is a delivery of the created event like any other', async store => {
    const { number } = await accepted(store, { acknowledgement: ADA })
    assert.deepEqual(await places(store, number), ['archive', 'devsupport', 'receipts'])
    const [due, ...more] = await dueNow(store, 'receipts')
    assert.deepEqual([due?.ticketNumber, due?.eventNumber, more.length], [number, 1, 0])
  })

  it('a ticket without one has no such delivery', async store => {
    const { number } = await accepted(store)
    assert.deepEqual(await places(store, number), ['archive', 'devsupport'])
  })

  it('an address gets three within an hour, and the fourth exactly an hour after the first', async store => {
    const moments = [START, START + 1, START + 2, START + 3, START + HOUR - 1, START + HOUR, START + HOUR]
    assert.deepEqual(await told(store, moments), [true, true, true, false, false, true, false])
  })

  it('the ticket that nobody is told of is stored all the same', async store => {
    await told(store, [START, START, START])
    const { number } = await accepted(store, { acknowledgement: ADA })
    assert.deepEqual(await places(store, number), ['archive', 'devsupport'])
  })

  it('the address counts, whoever writes under it, and each address for itself', async store => {
    await told(store, [START, START, START])
    assert.equal(await isTold(store, { username: 'Eve#1' }), false)
    assert.equal(await isTold(store, { acknowledgement: to('eve@sdu.dk') }), true)
  })

  it('tickets that arrive together are counted one after the other', async store => {
    const tickets = Array.from({ length: 20 }, (_, i) => ticket({ username: `user-${i}`, acknowledgement: ADA }))
    await Promise.all(tickets.map(each => store.accept(each)))
    assert.equal((await dueNow(store, 'receipts')).length, 3)
  })

  it('it is exact over a restart', async (store, opened) => {
    await told(store, [START, START, START])
    assert.equal(await isTold(await opened.reopen(), { createdAt: START + 1 }), false)
  })

  it('a repetition of the key, or of the ticket itself, tells nobody again', async store => {
    const first = ticket({ acknowledgement: ADA, idempotency: keyed('k-1') })
    await store.accept(first)
    await store.accept(first)
    await store.accept(ticket({ acknowledgement: ADA, idempotency: keyed('k-1') }))
    assert.equal((await dueNow(store, 'receipts')).length, 1)
    assert.deepEqual(await told(store, [START, START, START]), [true, true, false])
  })

  it('a refused ticket tells nobody', async store => {
    await accepted(store, { limitPerHour: 1 })
    assert.equal((await store.accept(ticket({ limitPerHour: 1, acknowledgement: ADA }))).outcome, 'limited')
    assert.equal((await dueNow(store, 'receipts')).length, 0)
  })

  it('a clock that jumped costs no more than what lies within an hour of now', async store => {
    assert.deepEqual(await told(store, [START + DAY, START + DAY, START + DAY]), [true, true, true])
    assert.deepEqual(await told(store, [START, START + DAY - HOUR + 1, START + DAY]), [true, false, false])
  })

  it('what happens later to the ticket does not follow it there', async store => {
    const { number } = await accepted(store, { acknowledgement: ADA })
    const by = { username: 'Grace#1', name: 'Grace Hopper', staff: true }
    const item = { ticketNumber: number, message: 'We look at it.', internal: false, status: null }
    const order = { id: 'order-1', act: 'comment', by, at: START + 1_000, items: [item] } as const
    const added = await store.addEvents(order)
    assert.deepEqual(added?.[0]?.destinations.toSorted(), ['archive', 'devsupport'])
    assert.equal((await dueNow(store, 'receipts', START + DAY)).length, 1)
  })

  it('addresses are forgotten once they do not count any more, and not before', async store => {
    await told(store, [START, START, START])
    assert.equal(await store.prune({ now: START + HOUR - 1, limit: 10 }), 0)
    assert.equal(await isTold(store, { createdAt: START + HOUR - 1 }), false)
    assert.equal(await store.prune({ now: START + HOUR, limit: 2 }), 2)
    assert.equal(await store.prune({ now: START + HOUR, limit: 2 }), 1)
    assert.equal(await store.prune({ now: START + HOUR, limit: 2 }), 0)
  })
}
