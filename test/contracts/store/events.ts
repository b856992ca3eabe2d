/** The conversation: comments, notes and changes of status, and where they go. */
import assert from 'node:assert/strict'
import type { TicketStatus } from '../../../src/api/ticket.ts'
import type { NewEvents, Store } from '../../../src/domain/store.ts'
import { accepted, dueNow, lease, type Open, START, settle, storeTest } from './arrange.ts'

const staff = { username: 'Grace#1', name: 'Grace Hopper', staff: true }
const ada = { username: 'Ada#1234', name: 'Ada Lovelace', staff: false }
let orders = 0
const order = (items: NewEvents['items'], more: Partial<NewEvents> = {}): NewEvents => {
  orders += 1
  return { id: `order-${orders}`, act: 'comment', by: staff, at: START + 1_000, items, ...more }
}
const reply = (ticketNumber: number, more: Partial<NewEvents['items'][number]> = {}) => ({
  ticketNumber,
  message: 'We look at it.',
  internal: false,
  status: null,
  ...more,
})
const status = (ticketNumber: number, wanted: TicketStatus) => reply(ticketNumber, { message: null, status: wanted })
const statusOf = async (store: Store, number: number) => (await store.ticket({ number }))?.status
const timeline = async (store: Store, ticketNumber: number) =>
  (await store.events({ ticketNumber })).map(({ kind, status, internal, by }) => [kind, status, internal, by.staff])

export const eventCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `conversation: ${what}`, run)

  it('a reply is an event, answers the ticket, and goes to wherever the ticket went', async store => {
    const { number } = await accepted(store)
    const added = await store.addEvents(order([reply(number)]))
    assert.deepEqual(added, [{ ticketNumber: number, eventNumber: 2, destinations: ['archive', 'devsupport'] }])
    assert.equal(await statusOf(store, number), 'ANSWERED')
    const [, event] = await store.events({ ticketNumber: number })
    assert.deepEqual(event, {
      ticketNumber: number,
      eventNumber: 2,
      kind: 'COMMENTED',
      at: START + 1_000,
      by: staff,
      message: 'We look at it.',
      internal: false,
      status: 'ANSWERED',
    })
    assert.equal((await store.deliveries({ ticketNumber: number })).length, 4)
  })

  it('an internal note goes nowhere and changes nothing', async store => {
    const { number } = await accepted(store)
    const [added] = (await store.addEvents(order([reply(number, { internal: true })]))) ?? []
    assert.deepEqual(added?.destinations, [])
    assert.deepEqual(await timeline(store, number), [
      ['CREATED', null, false, false],
      ['COMMENTED', null, true, true],
    ])
    assert.equal(await statusOf(store, number), 'RECEIVED')
    assert.equal((await store.deliveries({ ticketNumber: number })).length, 2)
  })

  it('what the user adds opens the matter again, unless nobody has looked at it yet', async store => {
    const { number } = await accepted(store)
    await store.addEvents(order([reply(number)], { by: ada }))
    assert.equal(await statusOf(store, number), 'RECEIVED')
    await store.addEvents(order([status(number, 'CLOSED')], { act: 'status' }))
    await store.addEvents(order([reply(number)], { by: ada }))
    assert.equal(await statusOf(store, number), 'IN_PROGRESS')
    assert.deepEqual(
      (await timeline(store, number)).map(([kind, becomes]) => [kind, becomes]),
      [
        ['CREATED', null],
        ['COMMENTED', null],
        ['UPDATED', 'CLOSED'],
        ['COMMENTED', 'IN_PROGRESS'],
      ],
    )
  })

  it('a reply may say what it waits for, or that this is the end', async store => {
    const { number } = await accepted(store)
    for (const wanted of ['WAITING_FOR_USER', 'CLOSED'] as const) {
      await store.addEvents(order([reply(number, { status: wanted })]))
      assert.equal(await statusOf(store, number), wanted)
    }
  })

  it('a status that the ticket has already makes no event, and names the one that brought it', async store => {
    const { number } = await accepted(store)
    const change = async (wanted: TicketStatus) =>
      (await store.addEvents(order([status(number, wanted)], { act: 'status' })))?.[0]
    assert.deepEqual(await change('RECEIVED'), { ticketNumber: number, eventNumber: 1, destinations: [] })
    assert.equal((await change('CLOSED'))?.eventNumber, 2)
    await store.addEvents(order([reply(number, { internal: true })]))
    assert.deepEqual(await change('CLOSED'), { ticketNumber: number, eventNumber: 2, destinations: [] })
    assert.equal((await store.events({ ticketNumber: number })).length, 3)
  })

  it('all or nothing: a ticket that is not there, and no other gets anything', async store => {
    const { number } = await accepted(store)
    assert.equal(await store.addEvents(order([reply(number), reply(number + 100)])), null)
    assert.equal((await store.events({ ticketNumber: number })).length, 1)
    assert.equal(await statusOf(store, number), 'RECEIVED')
  })

  it('several for one ticket come in their order', async store => {
    const { number } = await accepted(store)
    const added = await store.addEvents(
      order([reply(number, { message: 'one' }), status(number, 'CLOSED'), reply(number, { message: 'two' })]),
    )
    assert.deepEqual(
      added?.map(({ eventNumber }) => eventNumber),
      [2, 3, 4],
    )
    assert.deepEqual(
      (await store.events({ ticketNumber: number })).map(({ message }) => message),
      ['It broke.', 'one', null, 'two'],
    )
  })

  it('the same order again answers as before and adds nothing', async store => {
    const { number } = await accepted(store)
    const given = order([reply(number)])
    const first = await store.addEvents(given)
    assert.deepEqual(await store.addEvents(given), first)
    assert.equal((await store.events({ ticketNumber: number })).length, 2)
  })

  it('a later event waits until the earlier one has left', async store => {
    const { number } = await accepted(store)
    const held = await lease(store)
    await store.addEvents(order([reply(number)]))
    const due = async () => (await dueNow(store, 'devsupport', START + 2_000)).map(({ eventNumber }) => eventNumber)
    assert.deepEqual(await due(), [1])
    const [first] = await dueNow(store, 'devsupport', START + 2_000)
    assert.ok(first)
    await settle(store, held, first, { kind: 'delivered' }, { ref: 'thread-7' })
    assert.deepEqual(await due(), [2])
    const outgoing = await store.outgoing({ ticketNumber: number, eventNumber: 2, destination: 'devsupport' })
    assert.deepEqual(
      [outgoing?.ref, outgoing?.ticket.status, outgoing?.event.message],
      ['thread-7', 'ANSWERED', 'We look at it.'],
    )
  })

  it('what is sent shows the ticket as it was at that event', async store => {
    const { number } = await accepted(store)
    await store.addEvents(order([reply(number), status(number, 'CLOSED')]))
    const at = async (eventNumber: number) =>
      (await store.outgoing({ ticketNumber: number, eventNumber, destination: 'archive' }))?.ticket.status
    assert.deepEqual([await at(1), await at(2), await at(3)], ['RECEIVED', 'ANSWERED', 'CLOSED'])
  })

  it('a ticket that was moved to another destination goes on there', async store => {
    const { number } = await accepted(store)
    const held = await lease(store)
    const [first] = await dueNow(store)
    assert.ok(first)
    await settle(store, held, first, { kind: 'refused', reason: 'too-big' })
    const replay = { state: 'DEAD', isDryRun: false, now: START + 500, id: 'r', by: 'staff', detail: '{}' } as const
    await store.replay({ ...replay, keys: [first], to: 'elsewhere' })
    const added = await store.addEvents(order([reply(number)]))
    assert.deepEqual(added?.[0]?.destinations.toSorted(), ['archive', 'elsewhere'])
  })
}
