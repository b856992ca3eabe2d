/** The client and the real service: every outcome of a ticket, and the calls there are. */
import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { createClient, verifyWebhook } from '../src/client/index.ts'
import { forward, serving } from './support/forward.ts'
import { type InProcess, startInProcess } from './support/in-process.ts'
import { HOOK_SECRET, token } from './support/service.ts'

let service: InProcess
before(async () => {
  service = await startInProcess()
})
after(() => service.stop())

const clientOf = (sub: string, more: { url?: string; role?: string } = {}) =>
  createClient({ url: more.url ?? service.address, token: () => token({ sub, role: more.role ?? 'USER' }) })
const staff = () => clientOf('Grace#1', { role: 'ADMIN' })

/** A network before the service that takes every request there, and loses the first answers. */
const losingAnswers = (count: number, use: (url: string) => Promise<void>): Promise<void> =>
  serving((incoming, outgoing) => {
    void forward(service.address, incoming).then(answer => {
      if (count-- > 0) answer.resume().once('end', () => outgoing.socket?.destroy())
      else answer.pipe(outgoing.writeHead(answer.statusCode ?? 0, answer.headers))
    })
  }, use)

test('a ticket is received, is found by its reference, and its webhook is genuine', async () => {
  const ada = clientOf('Ada#1')
  const sent = await ada.createTicket({
    subject: 'Job stops',
    message: 'It broke. 😀',
    type: 'BUG',
    context: { page: '/' },
  })
  assert.equal(sent.outcome, 'received')
  if (sent.outcome !== 'received') return
  const found = await ada.retrieve({ id: sent.reference, includeTimeline: true })
  assert.partialDeepStrictEqual(found, { ok: true, value: { id: sent.id, message: 'It broke. 😀', type: 'BUG' } })
  assert.partialDeepStrictEqual(await ada.browse(), { ok: true, value: { items: [{ id: sent.id }], next: null } })

  await service.receiver.seen(2)
  const hook = service.receiver.received.find(({ path }) => path === '/archive')
  assert.ok(hook)
  const verified = await verifyWebhook({ headers: hook.headers, body: hook.bytes, secret: HOOK_SECRET })
  assert.partialDeepStrictEqual(verified, {
    ok: true,
    event: { type: 'ticket.created', data: { ticket: { id: sent.id } } },
  })
})

test('lost answers are settled within the call: one ticket', () =>
  losingAnswers(2, async url => {
    const ada = clientOf('Ada#2', { url })
    const sent = await ada.createTicket({ message: 'Only once' })
    const page = await ada.browse()
    assert.ok(sent.outcome === 'received' && page.ok)
    assert.deepEqual(
      page.value.items.map(({ id }) => id),
      [sent.id],
    )
  }))

test('an unknown outcome is settled by its key, however much later: one ticket', () =>
  losingAnswers(1, async url => {
    const message = 'Only once, too'
    const hasty = createClient({ url, token: token({ sub: 'Ada#3' }), retries: 0 })
    const first = await hasty.createTicket({ message })
    assert.equal(first.outcome, 'unknown')
    if (first.outcome !== 'unknown') return
    const expired = createClient({ url, token: token({ sub: 'Ada#3', exp: 1 }) })
    const second = await expired.createTicket({ message }, { key: first.key })
    assert.partialDeepStrictEqual(second, { outcome: 'unknown', key: first.key, errorCode: 'UNAUTHORIZED' })
    const third = await hasty.createTicket({ message }, { key: first.key })
    const page = await hasty.browse()
    assert.ok(third.outcome === 'received' && page.ok)
    assert.deepEqual(
      page.value.items.map(({ id }) => id),
      [third.id],
    )
    const other = await hasty.createTicket({ message: 'Another' }, { key: first.key })
    assert.partialDeepStrictEqual(other, { outcome: 'rejected', errorCode: 'KEY_REUSED' })
  }))

test('what the service refuses is rejected, in its own words', async () => {
  const ada = clientOf('Ada#4')
  const rejected = async (ticket: Parameters<typeof ada.createTicket>[0], errorCode: string) => {
    const sent = await ada.createTicket(ticket)
    assert.partialDeepStrictEqual(sent, { outcome: 'rejected', errorCode })
    return sent
  }
  await rejected({ message: ' ' }, 'MESSAGE_REQUIRED')
  await rejected({ message: 'x'.repeat(600_000) }, 'MESSAGE_TOO_LONG')
  await rejected({ message: 'x', type: 'PRAISE' as never }, 'INVALID_FIELD')
  await rejected(undefined as never, 'INVALID_BODY')
  for (let count = 0; count < 10; count += 1) await ada.createTicket({ message: `${count}` })
  const limited = await rejected({ message: 'one too many' }, 'RATE_LIMITED')
  assert.ok(limited.outcome === 'rejected' && Number(limited.retryAfterMs) > 3_000_000)
})

test('a token that has run out is fetched anew', async () => {
  const tokens = [token({ sub: 'Ada#5', exp: 1 }), token({ sub: 'Ada#5' })]
  const ada = createClient({ url: service.address, token: refused => tokens[refused === undefined ? 0 : 1] ?? '' })
  assert.equal((await ada.createTicket({ message: 'x' })).outcome, 'received')
})

test('all tickets are listed page by page', async () => {
  const ada = clientOf('Ada#6')
  for (let count = 0; count < 3; count += 1) await ada.createTicket({ message: `${count}` })
  const messages: string[] = []
  let next: string | null = null
  do {
    const page = await ada.browse({ itemsPerPage: 2, next })
    assert.ok(page.ok)
    messages.push(...page.value.items.map(({ message }) => message))
    next = page.value.next
  } while (next !== null)
  assert.deepEqual(messages, ['2', '1', '0'])
})

test('staff see how destinations fare, pause and resume them, and count what would be replayed', async () => {
  const name = 'devsupport'
  const list = await staff().browseDestinations()
  assert.partialDeepStrictEqual(list, { ok: true, value: { items: [{ name: 'archive' }, { name }] } })
  assert.partialDeepStrictEqual(await staff().pauseDestination({ name }), {
    ok: true,
    value: { name, state: 'PAUSED' },
  })
  assert.partialDeepStrictEqual(await staff().resumeDestination({ name }), { ok: true, value: { name, state: 'OK' } })
  const count = await staff().replay({ filterDestination: name, dryRun: true })
  assert.deepEqual(count, { ok: true, value: { count: 0 } })
  const unknown = await staff().pauseDestination({ name: 'nowhere' })
  assert.partialDeepStrictEqual(unknown, { ok: false, errorCode: 'NOT_FOUND', statusCode: 404 })
  assert.partialDeepStrictEqual(await clientOf('Ada#7').browseDestinations(), { ok: false, errorCode: 'FORBIDDEN' })
})

test('the conversation and the staff calls, as the service answers them', async () => {
  const [ada, grace] = [clientOf('Ada#9'), staff()]
  const sent = await ada.createTicket({ message: 'zebra stripes' })
  assert.ok(sent.outcome === 'received')
  const { id } = sent
  const said = await grace.addComment({ items: [{ id, message: 'Try again.', status: 'WAITING_FOR_USER' }] })
  assert.deepEqual(said, { ok: true, value: { responses: [{ id: `${id}-2` }] } })
  assert.partialDeepStrictEqual(await ada.updateStatus({ items: [{ id, status: 'CLOSED' }] }), { ok: true })
  assert.partialDeepStrictEqual(await ada.search({ query: 'zebra' }), { ok: false, errorCode: 'FORBIDDEN' })
  const deliveries = await grace.browseDeliveries({ filterTicket: id, filterDestination: 'archive' })
  assert.ok(deliveries.ok)
  assert.deepEqual(
    deliveries.value.items.map(delivery => delivery.id),
    [`${id}-3-archive`, `${id}-2-archive`, `${id}-1-archive`],
  )
  const tested = await grace.testDestination({ name: 'archive' })
  assert.deepEqual(tested, { ok: true, value: { outcome: 'DELIVERED', status: 200, excerpt: 'ok' } })
  for (;;) {
    const found = await grace.search({ query: 'stripes zebra' })
    assert.ok(found.ok)
    if (found.value.items.some(ticket => ticket.id === id)) break
    await new Promise(resolve => setImmediate(resolve))
  }
})
