/** One ticket walked through the real program, and what a kill at the worst moment does to it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { Webhook } from 'standardwebhooks'
import { answerWith, type Receiver, startReceiver } from './support/receiver.ts'
import { configurationFor, HOOK_SECRET, type Home, home, post } from './support/service.ts'

const walk = (name: string, steps: (at: { receiver: Receiver; place: Home }) => Promise<void>) =>
  test(name, async () => {
    const receiver = await startReceiver()
    const place = home(configurationFor(receiver.url))
    try {
      await steps({ receiver, place })
    } finally {
      await place.dispose()
      await receiver.close()
    }
  })

const slackOf = (receiver: Receiver) => receiver.received.filter(({ path }) => path.startsWith('/services/'))
const archiveOf = (receiver: Receiver) => receiver.received.filter(({ path }) => path === '/archive')

walk('a ticket goes from POST to Slack and to a signed webhook', async ({ receiver, place }) => {
  const service = await place.start()
  const answer = await post(
    service.address,
    { subject: 'My subject', message: 'BUG: it broke\n<!channel>', context: { page: '/app/jobs' } },
    { 'job-id': 'request-7', project: 'project-1', 'user-agent': 'Firefox 145' },
  )
  assert.equal(answer.status, 200)
  assert.equal(await answer.text(), '{}')
  const reference = answer.headers.get('ticket-reference') ?? ''
  assert.match(reference, /^SUP-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
  assert.equal(answer.headers.get('job-id'), 'request-7')
  await receiver.seen(2)

  // Every field of the ticket's format, and a ping that pings nobody.
  const [slack] = slackOf(receiver)
  const message = JSON.parse(slack?.body ?? '{}')
  const blocks = JSON.stringify(message.blocks)
  for (const field of [
    reference,
    'My subject',
    'Ada#1234',
    'USER',
    'Ada Lovelace',
    'ada@sdu.dk',
    'request-7',
    'Firefox 145',
    'Bug',
    'it broke',
  ]) {
    assert.ok(blocks.includes(field), field)
  }
  assert.ok(message.text.includes(reference) && !message.text.includes('<!channel>'))

  const [hook] = archiveOf(receiver)
  const headers = hook?.headers as Record<string, string>
  const event = new Webhook(HOOK_SECRET).verify(hook?.bytes ?? '', headers) as {
    type: string
    data: { ticket: { reference: string; id: string } }
  }
  assert.deepEqual(
    [event.type, event.data.ticket.reference, event.data.ticket.id],
    ['ticket.created', reference, answer.headers.get('ticket-id')],
  )

  assert.equal(await service.end('SIGTERM'), 0)
  assert.ok(!service.printed().includes('it broke') && !service.printed().includes('/services/'))
})

walk(
  'killed between the 200 and the delivery, it delivers after the restart, once and with the same id',
  async ({ receiver, place }) => {
    receiver.reply = () => {} // the request arrives, no answer ever does
    const first = await place.start()
    const answer = await post(first.address, { message: 'it broke' }, { 'idempotency-key': 'k-1' })
    const reference = answer.headers.get('ticket-reference')
    await receiver.seen(2)
    assert.equal(await first.end('SIGKILL'), 'SIGKILL')

    receiver.reply = answerWith(200, 'ok')
    const second = await place.start()
    await receiver.seen(4)
    const ids = archiveOf(receiver).map(({ headers }) => headers['webhook-id'])
    assert.equal(ids.length, 2)
    assert.equal(ids[0], ids[1])
    assert.deepEqual(new Set(archiveOf(receiver).map(({ body }) => body)).size, 1)
    assert.ok(slackOf(receiver).every(({ body }) => body.includes(reference ?? '')))

    const again = await post(second.address, { message: 'it broke' }, { 'idempotency-key': 'k-1' })
    assert.deepEqual([again.status, again.headers.get('ticket-reference')], [200, reference])
    assert.equal(await second.end('SIGTERM'), 0)
    assert.equal(receiver.received.length, 4)
  },
)

walk('killed before any attempt got through, nothing it said yes to is lost', async ({ receiver, place }) => {
  receiver.reply = answerWith(503)
  const first = await place.start()
  const references = await Promise.all(
    Array.from({ length: 8 }, async (_, i) =>
      (await post(first.address, { message: `ticket ${i}` })).headers.get('ticket-reference'),
    ),
  )
  await first.end('SIGKILL')
  receiver.reply = answerWith(200, 'ok')
  const before = receiver.received.length
  const second = await place.start()
  // The failing destination is probed at once, and everything follows; Slack takes one a second.
  const delivered = () =>
    new Set(
      archiveOf(receiver)
        .slice()
        .map(({ body }) => JSON.parse(body).data.ticket.reference),
    )
  for (
    let count = before + 1;
    delivered().size < 8 || archiveOf({ ...receiver, received: receiver.received.slice(before) }).length < 8;
    count += 1
  ) {
    await receiver.seen(count)
  }
  assert.deepEqual(delivered(), new Set(references))
  assert.equal(await second.end('SIGTERM'), 0)
})

walk(
  'stopped with an attempt under way, it ends with 0, records it, and repeats nothing after the restart',
  async ({ receiver, place }) => {
    const held: (() => void)[] = []
    receiver.reply = (_received, response) => void held.push(() => response.writeHead(200).end('ok'))
    const first = await place.start()
    await post(first.address, { message: 'it broke' })
    await receiver.seen(2)
    const ending = first.end('SIGTERM')
    for (const answer of held) answer()
    assert.equal(await ending, 0)
    receiver.reply = answerWith(200, 'ok')
    const second = await place.start()
    await post(second.address, { message: 'the next' })
    await receiver.seen(4)
    assert.equal(await second.end('SIGTERM'), 0)
    assert.equal(receiver.received.filter(({ body }) => body.includes('it broke')).length, 2)
  },
)
