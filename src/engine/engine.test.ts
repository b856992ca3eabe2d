import assert from 'node:assert/strict'
import test from 'node:test'
import { held, ok, slackTo, stage, status, webhookTo } from '../../test/support/engine-stage.ts'
import slack from '../destinations/slack.ts'
import webhook from '../destinations/webhook.ts'
import type { Destination } from '../domain/destination.ts'

test('a ticket is sent at once after the nudge, to each destination, and exactly once', async () => {
  const { accept, clock, sent, delivery } = await stage([slackTo('chat'), webhookTo('hook')], () => ok)
  const number = await accept(['chat', 'hook'])
  await clock.settle()
  assert.deepEqual(sent.map(({ destination }) => destination).sort(), ['chat', 'hook'])
  assert.equal((await delivery(number, 'chat')).state, 'DELIVERED')
  await clock.advance(3_600_000)
  assert.equal(sent.length, 2)
})

test('a ticket that nobody nudged for is found by polling', async () => {
  const { accept, clock, sent, makeEngine } = await stage([webhookTo('hook')], () => ok)
  await accept(['hook'], 'It broke.', makeEngine())
  await clock.advance(2_000)
  assert.equal(sent.length, 1)
})

test('a rate of one a second is kept, whatever waits', async () => {
  const { accept, clock, gaps, sentTo } = await stage([slackTo('chat')], () => ok)
  for (let i = 0; i < 10; i += 1) await accept(['chat'], `Ticket ${i}`)
  await clock.advance(60_000)
  assert.equal(sentTo('chat').length, 10)
  assert.ok(
    gaps('chat').every(gap => gap >= 1),
    String(gaps('chat')),
  )
})

test('what waits longest goes first', async () => {
  const { accept, clock, sent } = await stage([slackTo('chat')], () => ok)
  for (let i = 0; i < 4; i += 1) {
    await accept(['chat'], `Ticket ${i}`)
    await clock.advance(1)
  }
  await clock.advance(10_000)
  assert.deepEqual(
    sent.map(({ body }) => /Ticket (\d)/.exec(body)?.[1]),
    ['0', '1', '2', '3'],
  )
})

test('outcomes that come together lead to one look at what is due, and all that there is room for starts', async () => {
  const open: ReturnType<typeof held>[] = []
  const answer = () => {
    const one = held()
    open.push(one)
    return one.promise
  }
  let looks = 0
  const { accept, clock, sent } = await stage([webhookTo('hook')], answer, {
    wrap: store => ({
      ...store,
      due(query) {
        looks += 1
        return store.due(query)
      },
    }),
  })
  for (let i = 0; i < 20; i += 1) await accept(['hook'])
  await clock.settle()
  const room = sent.length
  looks = 0
  for (const one of open.splice(0)) one.resolve(ok)
  await clock.settle()
  assert.equal(sent.length, 2 * room)
  assert.equal(looks, 1)
})

test('no more requests are under way at once than the destination allows', async () => {
  const open: ReturnType<typeof held>[] = []
  const { accept, clock, sent } = await stage([webhookTo('hook')], () => {
    const answer = held()
    open.push(answer)
    return answer.promise
  })
  for (let i = 0; i < 10; i += 1) await accept(['hook'])
  await clock.settle()
  assert.equal(sent.length, 4)
  open[0]?.resolve(ok)
  await clock.settle()
  assert.equal(sent.length, 5)
})

test('a sick destination delays no other', async () => {
  const never = held()
  const { accept, clock, sentTo, delivery } = await stage([webhookTo('sick'), webhookTo('well')], ({ destination }) =>
    destination === 'sick' ? never.promise : ok,
  )
  for (let i = 0; i < 8; i += 1) await accept(['sick', 'well'])
  await clock.settle()
  assert.equal(sentTo('well').length, 8)
  assert.equal((await delivery(8, 'well')).state, 'DELIVERED')
})

test('a delivery is retried after its backoff, with the same id, until it succeeds', async () => {
  let answers = 0
  const { accept, clock, sent, gaps, delivery } = await stage([webhookTo('hook')], () =>
    ++answers < 4 ? status(503) : ok,
  )
  const number = await accept(['hook'])
  await clock.advance(60_000)
  assert.deepEqual(gaps('hook'), [0.5, 1, 2])
  assert.equal(new Set(sent.map(({ deliveryId }) => deliveryId)).size, 1)
  assert.equal(new Set(sent.map(({ body }) => body)).size, 1)
  const { state, log } = await delivery(number, 'hook')
  assert.deepEqual([state, log.map(({ outcome }) => outcome)], ['DELIVERED', ['RETRY', 'RETRY', 'RETRY', 'DELIVERED']])
})

test('Retry-After holds the whole destination and is never undercut, and the wait costs no budget', async () => {
  let answers = 0
  const { accept, clock, sent, gaps, delivery } = await stage([webhookTo('hook')], () =>
    ++answers === 1 ? status(429, { 'retry-after': '30' }) : ok,
  )
  const number = await accept(['hook'])
  await clock.settle()
  for (let i = 0; i < 3; i += 1) await accept(['hook'])
  await clock.advance(29_999)
  assert.equal(sent.length, 1)
  await clock.advance(2_000)
  assert.equal(sent.length, 5)
  assert.ok((gaps('hook')[0] ?? 0) >= 30)
  assert.ok((await delivery(number, 'hook')).progress.spentMs <= 1_000)
})

test('a text that is refused goes out in plainer form at once, each request an attempt, and is given up at the last', async () => {
  const { accept, clock, sent, delivery, health } = await stage([slackTo('chat')], () =>
    status(400, {}, 'invalid_blocks'),
  )
  const number = await accept(['chat'])
  await clock.advance(10_000)
  assert.equal(sent.length, 3)
  assert.ok(sent.every(({ body }, i) => i === 0 || body.length <= (sent[i - 1]?.body.length ?? 0)))
  const { state, progress } = await delivery(number, 'chat')
  assert.deepEqual([state, progress.attempts], ['DEAD', 3])
  assert.equal((await health('chat')).health.state, 'OK')
})

test('a poison ticket blocks nobody', async () => {
  const { accept, clock, delivery } = await stage([slackTo('chat')], ({ body }) =>
    body.includes('poison') ? status(400, {}, 'invalid_payload') : ok,
  )
  const poison = await accept(['chat'], 'poison')
  const others = [await accept(['chat'], 'one'), await accept(['chat'], 'two')]
  await clock.advance(30_000)
  assert.equal((await delivery(poison, 'chat')).state, 'DEAD')
  for (const number of others) assert.equal((await delivery(number, 'chat')).state, 'DELIVERED')
})

test('unclear answers to one delivery lie a minute apart, and the third pauses the destination', async () => {
  const { accept, clock, sent, gaps, health } = await stage([slackTo('chat')], () =>
    status(200, {}, '<html>hello</html>'),
  )
  await accept(['chat'])
  await clock.advance(3_600_000)
  assert.equal(sent.length, 3)
  assert.ok(gaps('chat').every(gap => gap >= 60))
  assert.equal((await health('chat')).health.state, 'PAUSED')
})

test('a level that would send the same again is left out when a text is refused', async () => {
  const twoForms: Destination = {
    ...slackTo('chat'),
    kind: {
      ...slack,
      start: (event, settings, { level, at }) =>
        slack.start(event, settings, { level: level === 'plain' ? 'rich' : level, at }),
    },
  }
  const { accept, clock, sent } = await stage([twoForms], () => status(400, {}, 'invalid_blocks'))
  await accept(['chat'])
  await clock.advance(10_000)
  assert.equal(sent.length, 2)
  assert.notEqual(sent[0]?.body, sent[1]?.body)
})

test('a message that cannot be rendered is given up alone, and said', async () => {
  const picky: Destination = {
    ...webhookTo('hook'),
    kind: {
      ...webhook,
      start(event, settings, options) {
        if (event.ticket.message === 'odd') throw new Error('a mistake of ours')
        return webhook.start(event, settings, options)
      },
    },
  }
  const { accept, clock, delivery, told } = await stage([picky], () => ok)
  const odd = await accept(['hook'], 'odd')
  const even = await accept(['hook'], 'even')
  await clock.advance(1_000)
  const { state, reason } = await delivery(odd, 'hook')
  assert.deepEqual([state, reason, (await delivery(even, 'hook')).state], ['DEAD', 'internal', 'DELIVERED'])
  assert.ok(told.includes('hook render error'))
})

test('a kind is told when an earlier attempt may have arrived: not at the first, but after an answer that settled nothing', async () => {
  const asked: (boolean | undefined)[] = []
  const searchable: Destination = {
    ...webhookTo('hook'),
    kind: {
      ...webhook,
      start(event, settings, options) {
        asked.push(options.mayBeThere)
        return webhook.start(event, settings, options)
      },
    },
  }
  const { accept, clock, sent } = await stage([searchable], () => (sent.length < 2 ? status(503) : ok))
  await clock.advance(1_000)
  await accept(['hook'])
  await clock.advance(10_000)
  assert.deepEqual(asked, [false, true])
})
