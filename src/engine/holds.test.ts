/** Waits that a service asks for, and the pace it is sent to at: whatever else happens, neither is undercut. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { DAY, HOUR } from '../../test/contracts/store/arrange.ts'
import { held, ok, slackTo, stage, status, webhookTo } from '../../test/support/engine-stage.ts'
import { StoreUnavailable } from '../domain/store.ts'

const wait = (seconds: number) => status(429, { 'retry-after': String(seconds) })

test('a success that was under way does not end the wait that Retry-After asked for', async () => {
  const slow = held()
  const { accept, clock, sent } = await stage([webhookTo('hook')], ({ body }) =>
    body.includes('slow') ? slow.promise : sent.length < 3 ? wait(30) : ok,
  )
  await accept(['hook'], 'slow')
  await accept(['hook'], 'told to wait')
  await clock.advance(1_000)
  slow.resolve(ok)
  await clock.advance(28_999)
  await accept(['hook'], 'later')
  assert.equal(sent.length, 2)
  await clock.advance(1_000)
  assert.equal(sent.length, 4)
})

test('Retry-After holds a failing destination too: no probe goes out before', async () => {
  const { accept, clock, gaps, sent } = await stage([webhookTo('hook')], () =>
    sent.length === 1 ? status(404) : sent.length === 2 ? wait(600) : ok,
  )
  await accept(['hook'])
  await clock.advance(HOUR)
  assert.deepEqual(gaps('hook'), [1, 600])
})

for (const jump of [-2 * HOUR, 7 * DAY]) {
  for (const isBefore of [true, false]) {
    const when = `${isBefore ? 'before' : 'just after'} the clock jumps by ${jump / HOUR} h`
    test(`a wait that is asked for ${when} is kept as it is, over a restart too`, async () => {
      const answers = [held(), held()]
      const { accept, clock, engine, makeEngine, health, sent } = await stage(
        [webhookTo('hook')],
        () => answers[sent.length - 1]?.promise ?? ok,
      )
      await accept(['hook'])
      await accept(['hook'])
      await clock.settle()
      if (!isBefore) clock.jump(jump)
      answers[0]?.resolve(wait(600))
      await clock.settle()
      if (isBefore) clock.jump(jump)
      await clock.advance(3_000)
      answers[1]?.resolve(status(503))
      await clock.settle()
      const { heldUntil } = (await health('hook')).health
      assert.equal((heldUntil ?? 0) - clock.now(), 597_000)
      await engine.stop()
      await makeEngine().start()
      await clock.advance(590_000)
      assert.equal(sent.length, 2)
    })
  }
}

test('an answer that comes right after the clock jumped neither ends a wait nor loses its own', async () => {
  for (const [jump, late, quietMs] of [
    [2 * HOUR, ok, 600_000],
    [-60_000, wait(620), 620_000],
  ] as const) {
    const second = held()
    const { accept, clock, sent } = await stage([webhookTo('hook')], () =>
      sent.length === 1 ? wait(600) : sent.length === 2 ? second.promise : ok,
    )
    await Promise.all([accept(['hook']), accept(['hook'])])
    await clock.settle()
    clock.jump(jump)
    second.resolve(late)
    await clock.advance(quietMs - 1)
    assert.equal(sent.length, 2, `${jump}`)
    await clock.advance(2_000)
    assert.ok(sent.length > 2)
  }
})

test('a wait survives a pause and a resume after the clock jumped', async () => {
  const { accept, clock, engine, store, sent } = await stage([webhookTo('hook')], () =>
    sent.length === 1 ? wait(600) : ok,
  )
  await accept(['hook'])
  await clock.settle()
  clock.jump(7 * DAY)
  await clock.advance(3_000)
  for (const state of ['PAUSED', 'OK'] as const) {
    await store.steer({ destination: 'hook', state, reason: null, now: clock.now() })
    await engine.refresh()
  }
  await clock.advance(590_000)
  assert.equal(sent.length, 1)
  await clock.advance(10_000)
  assert.equal(sent.length, 2)
})

test('a wait that a clock since put back makes a hundred days long counts as a day', async () => {
  const { accept, clock, engine, makeEngine, sent } = await stage([webhookTo('hook')], () =>
    sent.length === 1 ? wait(600) : ok,
  )
  await accept(['hook'])
  await clock.settle()
  await engine.stop()
  clock.jump(-100 * DAY)
  await makeEngine().start()
  await clock.advance(DAY + 2_000)
  assert.equal(sent.length, 2)
})

test('what staff pause while a text is being loaded is not sent', async () => {
  const gate = Promise.withResolvers<void>()
  const { accept, clock, store, sent } = await stage([webhookTo('hook')], () => ok, {
    wrap: inner => ({
      ...inner,
      async outgoing(key) {
        await gate.promise
        return inner.outgoing(key)
      },
    }),
  })
  await accept(['hook'])
  await store.steer({ destination: 'hook', state: 'PAUSED', reason: 'by-staff', now: clock.now() })
  await clock.advance(10_001)
  gate.resolve()
  await clock.settle()
  assert.equal(sent.length, 0)
})

test('the pace is kept between sends, however long each text takes to load', async () => {
  const waits = [700, 0, 300, 0, 0, 900, 0]
  const { accept, clock, gaps } = await stage([slackTo('chat')], () => ok, {
    wrap: inner => ({
      ...inner,
      async outgoing(key) {
        await new Promise<void>(resolve => clock.after(waits[key.ticketNumber] ?? 0, resolve))
        return inner.outgoing(key)
      },
    }),
  })
  for (let i = 0; i < 6; i += 1) await accept(['chat'])
  await clock.advance(20_000)
  assert.equal(gaps('chat').length, 5)
  assert.ok(
    gaps('chat').every(gap => gap >= 1),
    String(gaps('chat')),
  )
})

test('whatever is answered, and whoever serves it, Slack is sent at most one request a second and none while held', async () => {
  const code = fc.constantFrom<readonly [number, Record<string, string>, string]>(
    [200, {}, 'ok'],
    [200, {}, 'what?'],
    [400, {}, 'invalid_blocks'],
    [404, {}, 'no_service'],
    [429, { 'retry-after': '7' }, ''],
    [503, {}, ''],
  )
  const plan = fc.record({
    answers: fc.array(code, { minLength: 1, maxLength: 20 }),
    pauses: fc.array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 8 }),
  })
  await fc.assert(
    fc.asyncProperty(plan, async ({ answers, pauses }) => {
      const { accept, clock, engine, makeEngine, sent, gaps, store } = await stage([slackTo('chat')], () =>
        status(...(answers[(sent.length - 1) % answers.length] ?? [200, {}, 'ok'])),
      )
      let current = engine
      for (const [i, pause] of pauses.entries()) {
        await accept(['chat'], `Ticket ${i}`, current)
        await clock.advance(pause)
        if (i % 3 !== 2) continue
        await current.stop()
        current = makeEngine()
        await current.start()
      }
      await clock.advance(60_000)
      for (const [i, gap] of gaps('chat').entries()) {
        const [before] = answers[i % answers.length] ?? []
        assert.ok(gap >= (before === 429 ? 7 : 1), `${gap} s after ${before}`)
      }
      await current.stop()
      await store.close()
    }),
    { numRuns: 40 },
  )
})

test('a wait outlives a lease that was lost and taken again, though the clock jumped over it meanwhile', async () => {
  let isAway = false
  const away = () => Promise.reject(new StoreUnavailable('not-written', 'away'))
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => status(429, { 'retry-after': '120' }), {
    wrap: store => ({ ...store, renewLeases: request => (isAway ? away() : store.renewLeases(request)) }),
  })
  await accept(['hook'])
  await clock.advance(1_000)
  isAway = true
  clock.jump(2 * HOUR)
  await clock.advance(40_000) // the lease runs out
  isAway = false
  await clock.advance(70_000)
  assert.equal(sent.length, 1)
  await clock.advance(20_000)
  assert.equal(sent.length, 2)
})
