import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import formbody from '@fastify/formbody'
import { boxIn, keyIn } from '../../test/support/page-forms.ts'
import { StoreUnavailable } from '../domain/store.ts'
import { loadAssets } from './assets.ts'
import { makeSendPage } from './page-answer.ts'
import { createServer } from './server.ts'
import { type TicketPage, takeTicketForm } from './ticket-form.ts'

const MESSAGE = '\n every  character </textarea>\n'
const KEY = 'k'.repeat(24)

/** A page whose act and whose being shown go as the test says, and what the caller is sent. */
const sent = async (t: TestContext, page: Pick<TicketPage, 'act' | 'show'>, headers: Record<string, string> = {}) => {
  const failures: unknown[] = []
  const failed = (_id: string, error: unknown) => failures.push(error)
  const app = createServer({
    messageMaxLength: 1_000,
    trustProxy: [],
    nextId: () => 'request',
    observer: { answered: () => undefined, failed },
  })
  t.after(() => app.close())
  const random = { bytes: (count: number) => new Uint8Array(count).fill(1) }
  const caller = { username: 'ada', role: 'USER', name: null, email: null, organization: null } as const
  const deps = {
    verify: async () => ({ code: 'UNAUTHORIZED', why: 'No.' }) as const,
    sessionOf: async () => ({ ...caller, mailDomain: null, projects: [] }),
    sendPage: makeSendPage({ assets: loadAssets(), random, evaluation: null }),
    clock: { now: () => 0 },
    random,
    messageMaxLength: 1_000,
    evaluation: null,
    failed,
  }
  await app.register(formbody)
  const opened = { scope: 'support.addComment:write', who: 'users' } as const
  app.post('/x', (request, reply) => takeTicketForm(deps, { request, reply }, { page: opened, address: '/x', ...page }))
  const answer = await app.inject({
    method: 'POST',
    url: '/x',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
    payload: new URLSearchParams({ act: 'comment', message: MESSAGE, key: KEY }).toString(),
  })
  return { answer, failures }
}

const neverShown = async () => false

test('a store that does not answer costs nobody a text, nor a second key', async t => {
  const act = () => Promise.reject(new StoreUnavailable('not-written', 'disk full'))
  const { answer, failures } = await sent(t, { act, show: neverShown })
  assert.deepEqual([answer.statusCode, boxIn(answer.body, 'message'), keyIn(answer.body)], [503, MESSAGE, KEY])
  assert.deepEqual(failures, [])
})

test('nor does a mistake of ours, which is told to the log', async t => {
  const mistake = new Error('ours')
  const { answer, failures } = await sent(t, { act: () => Promise.reject(mistake), show: neverShown })
  assert.deepEqual([answer.statusCode, boxIn(answer.body, 'message')], [500, MESSAGE])
  assert.deepEqual(failures, [mistake])
})

test('an outcome that is not known yet says so, with the text and the same key for another try', async t => {
  const act = async () => ({ code: 'OUTCOME_UNKNOWN', why: '', retryAfterSeconds: 5 }) as const
  const { answer } = await sent(t, { act, show: neverShown })
  assert.deepEqual([answer.statusCode, answer.headers['retry-after'], keyIn(answer.body)], [503, '5', KEY])
  assert.match(answer.body, /do not know yet/)
})

test('what another site makes the browser send is not done, and is shown under a fresh key', async t => {
  const act = () => assert.fail('it was done')
  const { answer } = await sent(t, { act, show: neverShown }, { 'sec-fetch-site': 'cross-site' })
  assert.deepEqual([answer.statusCode, boxIn(answer.body, 'message')], [403, MESSAGE])
  assert.notEqual(keyIn(answer.body), KEY)
  assert.match(answer.body, /came from another page/)
})
