import assert from 'node:assert/strict'
import test from 'node:test'
import { ticket } from '../../../test/contracts/store/arrange.ts'
import type { Clock } from '../../domain/clock.ts'
import type { Settlement } from '../../domain/store.ts'
import type { ToWriter } from './messages.ts'
import { BATCH_ROWS_MAX, ROUND_ROWS, STALL_MS, WAITING_TICKETS_MAX, WriterClient } from './writer-client.ts'

/** A thread whose answers the test gives, and a clock whose timers it fires. */
const arrange = () => {
  const posted: ToWriter[] = []
  const timers = new Map<() => void, number>()
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    after(delayMs, wake) {
      timers.set(wake, delayMs)
      return () => timers.delete(wake)
    },
  }
  const client = new WriterClient(clock)
  client.attach({ keys: null, post: message => posted.push(message as ToWriter), stop: async () => {} }) // only the writer's messages come here
  const turn = () => new Promise(resolve => setImmediate(resolve))
  return {
    client,
    posted,
    timers,
    turn,
    stall: () => {
      for (const wake of [...timers.keys()]) wake()
    },
    /** Every item of the message succeeds. */
    answer(message: ToWriter | undefined) {
      assert.ok(message)
      const accepted = message.batch.tickets.map((item, i) => ({
        value: { outcome: 'accepted' as const, number: i + 1, id: item.id, createdAt: 0, repeated: false },
      }))
      const settled = message.batch.settlements.map(({ health }) => ({
        value: { outcome: 'settled' as const, health },
      }))
      client.onAnswer({
        id: message.id,
        batch: { tickets: accepted, settlements: settled },
        calls: message.calls.map(() => ({ value: 1 })),
      })
    },
  }
}

const settlement = { epoch: 1 } as Settlement // only passed through
const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    error => error.outcome,
  )

test('what arrives in one turn is one message, and what arrives during a commit is the next', async () => {
  const { client, posted, turn, answer } = arrange()
  const first = [client.accept(ticket()), client.accept(ticket()), client.settle(settlement)]
  await turn()
  const second = [client.accept(ticket()), client.call('prune', {})]
  await turn()
  assert.deepEqual(
    posted.map(({ batch }) => batch.tickets.length),
    [2],
  )
  answer(posted[0])
  await Promise.all(first)
  assert.deepEqual(
    posted.map(({ batch, calls }) => [batch.tickets.length, calls.length]),
    [
      [2, 0],
      [1, 1],
    ],
  )
  answer(posted[1])
  await Promise.all(second)
})

test('a flood is handed over in rounds while it is still coming in, up to four of them; the next round is bounded by rows', async () => {
  const { client, posted, turn, answer } = arrange()
  const all = Array.from({ length: 4 * ROUND_ROWS + BATCH_ROWS_MAX + 1 }, () => client.accept(ticket()))
  const rows = () => posted.map(({ batch }) => batch.tickets.length)
  assert.deepEqual(rows(), [64, 64, 64, 64])
  await turn()
  assert.equal(posted.length, 4)
  for (let i = 0; i < 6; i += 1) answer(posted[i])
  await Promise.all(all)
  assert.deepEqual(rows(), [64, 64, 64, 64, BATCH_ROWS_MAX, 1])
})

test('a thread that died is asked again for all its rounds, in their order', async () => {
  const { client, posted, answer } = arrange()
  const tickets = Array.from({ length: 2 * ROUND_ROWS }, () => ticket())
  const all = tickets.map(one => client.accept(one))
  client.onRestart()
  assert.deepEqual(
    posted[2]?.batch.tickets.map(({ id }) => id),
    tickets.map(({ id }) => id),
  )
  answer(posted[2])
  await Promise.all(all)
})

test('a batch is bounded by bytes, and a ticket larger than the bound still goes', async () => {
  const { client, posted, turn, answer } = arrange()
  const all = Array.from({ length: 6 }, () => client.accept(ticket({ message: 'x'.repeat(1_000_000) })))
  all.push(client.accept(ticket({ message: 'x'.repeat(3_000_000) })))
  await turn()
  for (let i = 0; i < 4; i += 1) answer(posted[i])
  await Promise.all(all)
  assert.deepEqual(
    posted.map(({ batch }) => batch.tickets.length),
    [2, 2, 2, 1],
  )
})

test('more than 64 MiB does not wait: it is refused at once, with nothing written', async () => {
  const { client, posted, turn, answer } = arrange()
  const large = () => client.accept(ticket({ message: 'x'.repeat(8 * 1024 * 1024) }))
  const waiting = [large(), large(), large()]
  assert.equal(await outcomeOf(large()), 'not-written')
  await turn()
  for (let i = 0; i < 3; i += 1) answer(posted[i])
  await Promise.all(waiting)
})

test('when as many wait as may, handed over or not, the next is refused at once, and let in again once some were answered', async () => {
  const { client, posted, turn, answer } = arrange()
  const waiting: Promise<unknown>[] = []
  while (!client.isCrowded) waiting.push(client.accept(ticket({ message: 'm' })))
  await turn()
  assert.equal(waiting.length, WAITING_TICKETS_MAX)
  assert.deepEqual(client.flow, { answered: 0, isBehind: true })
  assert.equal(await outcomeOf(client.accept(ticket())), 'not-written')
  answer(posted[0])
  assert.equal(client.isCrowded, false)
  const next = client.accept(ticket())
  for (let i = 1; i < posted.length; i += 1) answer(posted[i])
  await Promise.all([...waiting, next])
  assert.deepEqual(client.flow, { answered: WAITING_TICKETS_MAX + 1, isBehind: false })
})

test('a writer that does not answer for a second: whoever waits learns that the outcome is not known, newcomers that nothing was written', async () => {
  const { client, posted, timers, turn, stall, answer } = arrange()
  const inFlight = outcomeOf(client.accept(ticket()))
  await turn()
  const queued = outcomeOf(client.accept(ticket()))
  assert.deepEqual([...timers.values()], [STALL_MS])
  stall()
  assert.deepEqual(
    await Promise.all([inFlight, queued, outcomeOf(client.accept(ticket())), outcomeOf(client.call('prune', {}))]),
    ['unknown', 'not-written', 'not-written', 'not-written'],
  )
  answer(posted[0])
  const after = outcomeOf(client.accept(ticket()))
  await turn()
  answer(posted[1])
  assert.equal(await after, 'answered')
})

test('an outcome of a delivery waits as long as a stalled writer needs', async () => {
  const { client, posted, turn, stall, answer } = arrange()
  const settled = outcomeOf(client.settle(settlement))
  await turn()
  stall()
  const later = outcomeOf(client.settle(settlement))
  answer(posted[0])
  answer(posted[1])
  assert.deepEqual(await Promise.all([settled, later]), ['answered', 'answered'])
})

test('what a dead thread had is asked again, before what came after it', async () => {
  const { client, posted, turn, answer } = arrange()
  const [one, two] = [ticket(), ticket()]
  const all = [client.accept(one)]
  await turn()
  all.push(client.accept(two))
  client.onRestart()
  assert.deepEqual(
    posted[1]?.batch.tickets.map(({ id }) => id),
    [one.id, two.id],
  )
  answer(posted[0]) // an answer of the dead thread that came late says nothing
  answer(posted[1])
  assert.deepEqual(
    (await Promise.all(all)).map(result => result.outcome),
    ['accepted', 'accepted'],
  )
})

test('each item gets its own result', async () => {
  const { client, posted, turn } = arrange()
  const good = client.accept(ticket())
  const bad = outcomeOf(client.accept(ticket()))
  await turn()
  const [first] = posted[0]?.batch.tickets ?? []
  const value = { outcome: 'accepted' as const, number: 1, id: first?.id ?? '', createdAt: 0, repeated: false }
  const error = { outcome: 'unknown' as const, message: 'disk I/O error', isDamage: false }
  client.onAnswer({ id: posted[0]?.id ?? 0, batch: { tickets: [{ value }, { error }], settlements: [] }, calls: [] })
  assert.equal((await good).outcome, 'accepted')
  assert.equal(await bad, 'unknown')
  assert.equal(client.hasFailed, true)
})

test('closing waits for what is under way and takes nothing more', async () => {
  const { client, posted, turn, answer } = arrange()
  const last = client.accept(ticket())
  let isClosed = false
  const closing = client.close().then(() => {
    isClosed = true
  })
  assert.equal(await outcomeOf(client.accept(ticket())), 'not-written')
  await turn()
  assert.equal(isClosed, false)
  answer(posted[0])
  await Promise.all([last, closing])
})
