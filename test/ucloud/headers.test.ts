/** Contract 1.1, the headers of a request: what each one does to a ticket, and that none refuses one. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { token } from '../support/service.ts'
import { bearer, errorOf, type Stage, startStage, TICKET_PATH } from './stage.ts'
import { signedIntent, uuid } from './token-makers.ts'

let at: Stage
before(async () => {
  at = await startStage()
})
after(() => at.stop())

const MESSAGE = { subject: 's', message: 'm' }
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** The ticket as delivered. */
const taken = async (headers: Record<string, string>, claims: Record<string, unknown> = {}) => {
  const answer = await at.send(MESSAGE, { ...bearer(claims), ...headers })
  assert.deepEqual([answer.status, answer.text], [200, '{}'], JSON.stringify(headers))
  return { ticket: await at.delivered(answer), jobId: answer.headers['job-id'] }
}

for (const [what, of] of [
  ['Bearer', (jwt: string) => `Bearer ${jwt}`],
  ['bearer in lower case', (jwt: string) => `bearer ${jwt}`],
  ['BEARER and two spaces', (jwt: string) => `BEARER  ${jwt}`],
  ['the raw token', (jwt: string) => jwt],
] as const) {
  test(`1.1, Authorization with ${what} is taken`, async () => {
    const { ticket } = await taken({ authorization: of(token({ sub: `with ${what}` })) })
    assert.equal(ticket.user.username, `with ${what}`)
  })
}

test('1.1, Allowed roles: USER and ADMIN, and the ticket says which', async () => {
  for (const role of ['USER', 'ADMIN']) assert.equal((await taken({}, { role })).ticket.user.role, role)
})

test('1.1, Project never refuses: listed or not, stale, strange or not there, it is kept and marked', async () => {
  const membership = { [uuid(1)]: 'PI', [uuid(2)]: 'USER' }
  for (const [project, expected] of [
    [uuid(2), { id: uuid(2), listed: true }],
    [uuid(3), { id: uuid(3), listed: false }],
    ['no uuid; <b>', { id: 'no uuid; <b>', listed: false }],
    ['__proto__', { id: '__proto__', listed: false }],
    ['toString', { id: 'toString', listed: false }],
    ['', null],
    ['  ', null],
  ] as const)
    assert.deepEqual((await taken({ project }, { membership })).ticket.project, expected, project)
  assert.equal((await taken({}, { membership })).ticket.project, null)
})

test('1.1, Project with a token that lists nothing, as Kotlin’s: kept, not listed', async () => {
  for (const membership of [undefined, null])
    assert.deepEqual((await taken({ project: uuid(1) }, { membership })).ticket.project, { id: uuid(1), listed: false })
})

test('1.1, Job-Id: a sane one is the ticket’s request id and stands on the answer', async () => {
  for (const id of ['a', 'job_1.2:3-4', uuid(7), 'x'.repeat(128)]) {
    const { ticket, jobId } = await taken({ 'job-id': id })
    assert.deepEqual([ticket.technical.requestId, jobId], [id, id])
  }
})

test('1.1, Job-Id: any other is replaced by one of ours, a new one each time', async () => {
  const ids = new Set<string>()
  const insane = ['', 'two words', 'x'.repeat(129), 'a/b', '<b>', 'gr\u00fc\u00dfe', '"quoted"', 'a,b']
  for (const id of insane) {
    const { ticket, jobId } = await taken({ 'job-id': id })
    assert.match(ticket.technical.requestId, UUID)
    assert.equal(jobId, ticket.technical.requestId)
    ids.add(ticket.technical.requestId)
  }
  const { ticket } = await taken({})
  assert.match(ticket.technical.requestId, UUID)
  assert.equal(ids.size, insane.length)
})

test('1.1, Job-Id: it stands on every answer, whatever went wrong', async () => {
  const post = { method: 'POST', body: '{}' }
  for (const [path, asked, status] of [
    [TICKET_PATH, { ...post, headers: bearer() }, 400],
    [TICKET_PATH, { ...post, headers: {} }, 401],
    [TICKET_PATH, { ...post, headers: bearer({ role: 'SERVICE' }) }, 403],
    [TICKET_PATH, { method: 'GET' }, 405],
    ['/api/nothing', {}, 404],
    [TICKET_PATH, { ...post, headers: { ...bearer(), 'content-encoding': 'br' } }, 415],
    ['/livez', {}, 200],
  ] as const) {
    const kept = await at.call(path, { ...asked, headers: { ...('headers' in asked && asked.headers), 'job-id': 'j' } })
    assert.deepEqual([kept.status, kept.headers['job-id']], [status, 'j'])
    if (status !== 200) errorOf(kept)
    assert.match(String((await at.call(path, asked)).headers['job-id']), UUID)
  }
})

test('1.1, Caused-By is not read', async () => {
  const { ticket, jobId } = await taken({ 'caused-by': 'cause-1', 'job-id': 'job-1' })
  assert.equal(jobId, 'job-1')
  assert.ok(!JSON.stringify(ticket).includes('cause-1'))
})

for (const [what, value] of [
  ['sound', () => signedIntent()],
  ['run out', () => signedIntent({ exp: 1 })],
  ['for another call', () => signedIntent({ call: 'files.delete' })],
  ['of another user', () => signedIntent({ username: 'Eve#1' })],
  ['for another project', () => signedIntent({ project: uuid(9) })],
  ['garbage', () => 'garbage'],
  ['empty', () => ''],
  ['100 kB long', () => 'x'.repeat(100_000)],
] as const) {
  test(`1.1, UCloud-Signed-Intent is not read: ${what}`, async () => {
    const { ticket } = await taken({ 'ucloud-signed-intent': value(), project: uuid(1) })
    assert.deepEqual(ticket.project, { id: uuid(1), listed: false })
  })
}

test('1.1, User-Agent: on the ticket as sent, and null where there is none; no "Missing UA"', async () => {
  assert.equal((await taken({ 'user-agent': 'Mozilla/5.0 (X11)' })).ticket.technical.userAgent, 'Mozilla/5.0 (X11)')
  assert.equal((await taken({})).ticket.technical.userAgent, null)
})

test('1.1, Accept and Content-Type are ignored', async () => {
  for (const value of [
    'application/json; charset=utf-8',
    'text/html',
    'content-type: application/json',
    ';',
    'image/*',
  ])
    await taken({ accept: value, 'content-type': value })
})
