/** Receivers that take their time: nothing at all, or a byte a second. Time passes only when the test says so. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../../src/domain/outcome.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { answer, blackhole, type Fault } from './server.ts'
import { trickle } from './shapes.ts'
import { delivered, headRead, type KindName, retry, stage, unavailable, unclear } from './stage.ts'

const at = stage()

const TIMEOUT_MS = 15_000
const TIMEOUT = retry('timeout')
const kindNames = ['slack', 'webhook'] as const

type Row = readonly [
  name: string,
  fault: (clock: FakeClock) => Fault,
  outcome: Outcome | Readonly<Record<KindName, Outcome>>,
  status: number | null,
]

const LONG = 'x'.repeat(1_000)
const head = (status: number, more = '') => `HTTP/1.1 ${status} Slow\r\n${more}Content-Length: ${LONG.length}\r\n\r\n`
const then =
  (bytes: string, rest: (clock: FakeClock) => Fault) =>
  (clock: FakeClock): Fault =>
  (socket, heard) => {
    answer(bytes)(socket, heard)
    return rest(clock)(socket, heard)
  }
const nothing = () => blackhole
const byteBySecond = (clock: FakeClock) => trickle(LONG, clock)

const rows: readonly Row[] = [
  ['a black hole', nothing, TIMEOUT, null],
  ['half a head and then nothing', then('HTTP/1.1 200 OK\r\nX-A: ', nothing), TIMEOUT, null],
  ['a head of a byte a second', clock => trickle(head(200), clock), TIMEOUT, null],
  [
    'a 200 with a body of a byte a second',
    then(head(200), byteBySecond),
    { slack: unclear(200), webhook: delivered },
    200,
  ],
  ['a 200 whose body never comes', then(head(200), nothing), { slack: unclear(200), webhook: delivered }, 200],
  ['a 302 with a body of a byte a second', then(head(302), byteBySecond), unavailable('redirect'), 302],
  [
    'a 429 with a body of a byte a second',
    then(head(429, 'Retry-After: 30\r\n'), byteBySecond),
    retry('http-429', 30_000),
    429,
  ],
  ['a 500 whose body never comes', then(head(500), nothing), retry('http-500'), 500],
  ['a 410 with a body of a byte a second', then(head(410), byteBySecond), unavailable('http-410'), 410],
]

for (const [name, faultFor, meaning, status] of rows) {
  test(`${name}: cut off at the deadline, and judged by the status if one was heard`, async () => {
    for (const kind of kindNames) {
      const clock = new FakeClock()
      const fault = faultFor(clock)
      const asked = Promise.withResolvers<void>()
      const hungUp = Promise.withResolvers<void>()
      const answered = status === null ? asked.promise : headRead()
      const attempt = at.attempt(
        kind,
        (socket, heard) => {
          socket.once('close', () => hungUp.resolve())
          fault(socket, heard)
          asked.resolve()
        },
        { clock, timeoutMs: TIMEOUT_MS },
      )
      await answered
      await clock.advance(TIMEOUT_MS)
      const learned = await attempt
      const outcome = 'kind' in meaning ? meaning : meaning[kind]
      assert.deepEqual([learned.outcome, learned.status], [outcome, status])
      await hungUp.promise // a connection that was given up is not kept
    }
  })
}

test('until the deadline a slow answer is waited for, and counts when it is whole', async () => {
  for (const kind of kindNames) {
    const clock = new FakeClock()
    const read = headRead()
    const sent = Promise.withResolvers<void>()
    const fault: Fault = socket => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no')
      clock.after(TIMEOUT_MS - 1, () => socket.write('k', () => sent.resolve()))
    }
    const attempt = at.attempt(kind, fault, { clock, timeoutMs: TIMEOUT_MS })
    await read
    await clock.advance(TIMEOUT_MS - 1)
    await sent.promise
    assert.deepEqual((await attempt).outcome, delivered)
  }
})

test('a name server that says nothing, and a connection that is never made, end at the deadline', async () => {
  for (const kind of kindNames) {
    const clock = new FakeClock()
    const asked = Promise.withResolvers<void>()
    const resolve = () => {
      asked.resolve()
      return new Promise<never>(() => {})
    }
    const options = { clock, timeoutMs: TIMEOUT_MS, transport: { resolve }, origin: 'https://receiver.test' }
    const attempt = at.attempt(kind, answer(''), options)
    await asked.promise
    await clock.advance(TIMEOUT_MS)
    assert.deepEqual((await attempt).outcome, TIMEOUT)
  }
})
