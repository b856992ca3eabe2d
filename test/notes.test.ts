/** Internal notes never leave to a place that users can see: over every call, and over what every destination gets. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { calls } from '../src/api/calls.ts'
import { type InProcess, startInProcess } from './support/in-process.ts'
import { configurationFor, post, token } from './support/service.ts'

let at: InProcess
before(async () => {
  at = await startInProcess({
    configure: url => configurationFor(url).replace('/devsupport"', '/devsupport", rate: none'),
  })
})
after(() => at.stop())

const SECRET_WORD = 'xyzzy-internal'
const headersOf = (sub: string, role: string) => ({ authorization: `Bearer ${token({ sub, role })}` })
const staff = headersOf('staff', 'ADMIN')
const call = async (name: string, body: unknown, headers = staff) =>
  (await fetch(`${at.address}/api/support/${name}`, { method: 'POST', headers, body: JSON.stringify(body) })).json()

const statuses = ['RECEIVED', 'IN_PROGRESS', 'WAITING_FOR_USER', 'ANSWERED', 'CLOSED'] as const
const act = fc.oneof(
  fc.record({ kind: fc.constant('note' as const), text: fc.string() }),
  fc.record({ kind: fc.constant('reply' as const), text: fc.string() }),
  fc.record({ kind: fc.constant('comment' as const), text: fc.string() }),
  fc.record({ kind: fc.constant('status' as const), status: fc.constantFrom(...statuses) }),
)

let writers = 0
test('whatever is done in whatever order, no user and no destination gets to see a note', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async acts => {
      writers += 1
      const user = headersOf(`writer-${writers}`, 'USER')
      const id = (await post(at.address, { message: 'It broke.' }, user)).headers.get('ticket-id') ?? ''
      for (const each of acts) {
        if (each.kind === 'status') await call('updateStatus', { items: [{ id, status: each.status }] })
        else {
          const internal = each.kind === 'note'
          const message = `${internal ? SECRET_WORD : 'public'} ${each.text}`
          const items = [{ id, message, ...(internal && { internal }) }]
          await call('addComment', { items }, each.kind === 'comment' ? user : staff)
        }
      }
      await allDelivered(id)
      for (const answer of await everythingAUserCanAsk(id, user)) assert.ok(!answer.includes(SECRET_WORD), answer)
      const seenByStaff = await (await retrieve(id, staff)).text()
      assert.equal(
        seenByStaff.includes(SECRET_WORD),
        acts.some(({ kind }) => kind === 'note'),
      )
    }),
    { numRuns: 25, seed: 7 },
  )
  assert.ok(at.receiver.received.length > 50)
  assert.ok(!at.receiver.received.some(({ body }) => body.includes(SECRET_WORD)))
})

const retrieve = (id: string, headers: Record<string, string>) =>
  fetch(`${at.address}/api/support/retrieve?id=${id}&includeTimeline=true`, { headers })

const allDelivered = async (id: string) => {
  for (;;) {
    const url = `${at.address}/api/support/browseDeliveries?filterTicket=${id}&filterState=PENDING`
    if ((await (await fetch(url, { headers: staff })).json()).items.length === 0) return
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** Every call there is, as a user makes it. */
const everythingAUserCanAsk = (id: string, headers: Record<string, string>): Promise<string[]> =>
  Promise.all(
    calls
      .filter(({ name }) => name !== 'createTicket')
      .map(async ({ method, path }) => {
        const query = `?id=${id}&filterTicket=${id}&includeTimeline=true&itemsPerPage=1000`
        const items = [{ id, message: 'One more.' }]
        const body = path.endsWith('addComment') ? { items } : { query: SECRET_WORD, filterTicket: id }
        const answer = await fetch(`${at.address}${path}${method === 'GET' ? query : ''}`, {
          method,
          headers,
          ...(method === 'POST' && { body: JSON.stringify(body) }),
        })
        return answer.text()
      }),
  )
