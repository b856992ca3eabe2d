/** UCloud's own clients, unmodified, against the whole service: the support box and the crash reporter, and what they show. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { SENTENCE, type Stage, startStage } from './stage.ts'
import { goClaims, hs512, kotlinClaims, seconds, signedIntent, uuid } from './token-makers.ts'
import { outcomeOf, type Shown, webClient } from './web-client.ts'

let at: Stage
let users = 0
before(async () => {
  at = await startStage()
})
after(() => at.stop())

const clientOf = (claims: Record<string, unknown> = {}, more: object = {}) => {
  users += 1
  return webClient({ address: at.address, token: hs512(goClaims({ sub: `Client#${users}`, ...claims })), ...more })
}
const CRASH = {
  name: 'TypeError: x is undefined',
  stack: '    at Jobs (main-4f2a.js:12:7)\n    at render (main-4f2a.js:99:1)',
  componentStack: '    in Jobs\n    in Suspense',
}

for (const [maker, claims] of [
  ['Go', goClaims],
  ['Kotlin', kotlinClaims],
] as const) {
  test(`the support box with a token of ${maker}: what was typed arrives, and success is shown`, async () => {
    const token = hs512(claims({ sub: `Box of ${maker}` }))
    const client = webClient({ address: at.address, token, project: uuid(1), signedIntent: signedIntent() })
    const shown = await client.supportBox({ subject: 'Røde tal', message: 'Første linje\n\n  anden <b>linje</b> 🙂' })
    assert.deepEqual([shown.isSuccess, shown.status, shown.answer.text], [true, 200, '{}'])
    const { subject, message, type, user, project, technical } = await at.delivered(shown.answer)
    assert.deepEqual(
      [subject, message, type, user.username, project, technical.userAgent?.startsWith('Mozilla/5.0')],
      [
        'Røde tal',
        'Første linje\n\n  anden <b>linje</b> 🙂',
        null,
        `Box of ${maker}`,
        { id: uuid(1), listed: maker === 'Go' },
        true,
      ],
    )
  })
}

test('the support box with an empty subject: the ticket gets one', async () => {
  const shown = await clientOf().supportBox({ subject: '', message: '\n It is slow \n since Monday' })
  assert.equal((await at.delivered(shown.answer)).subject, 'It is slow')
})

test('the support box of 2019 to 2025 put the type in front: it is read, and stays in the text', async () => {
  for (const [prefix, type] of [
    ['BUG: ', 'BUG'],
    ['SUGGESTION: ', 'SUGGESTION'],
  ] as const) {
    const shown = await clientOf().supportBox({ subject: 's', message: `${prefix}the text` })
    const ticket = await at.delivered(shown.answer)
    assert.deepEqual([ticket.type, ticket.message], [type, `${prefix}the text`])
  }
})

test('the crash reporter, which has no subject: the report arrives whole, as a bug, and is shown as success', async () => {
  const shown = await clientOf().crashReport(CRASH)
  assert.ok(shown.isSuccess)
  const { subject, message, type } = await at.delivered(shown.answer)
  assert.deepEqual([subject, type], ['ERROR: TypeError: x is undefined', 'BUG'])
  for (const part of [CRASH.stack, CRASH.componentStack, 'https://cloud.sdu.dk/app/jobs', 'Additional info: none'])
    assert.ok(message.includes(part), part)
})

test('a token that ran out costs one red message: the next call gets a new one and is taken', async () => {
  const refreshed = hs512(goClaims({ sub: 'Refreshed#1' }))
  const client = clientOf({ exp: seconds() - 90 }, { refreshed })
  const first = await client.supportBox({ subject: 's', message: 'm' })
  assert.deepEqual([first.isSuccess, first.status, client.refreshes], [false, 401, 0])
  const second = await client.supportBox({ subject: 's', message: 'm' })
  assert.deepEqual([second.isSuccess, client.refreshes], [true, 1])
})

const box = (client = clientOf(), message = 'm') => client.supportBox({ subject: 's', message })
/** Every error that the two callers can meet, by what brings it about. */
const errors: [what: string, status: number, says: RegExp, meet: () => Promise<Shown>][] = [
  ['a token that ran out', 401, /run out/, () => box(clientOf({ exp: 1 }))],
  ['a service’s token', 403, /Only people/, () => box(clientOf({ role: 'SERVICE' }))],
  ['a narrow scope', 403, /limited to/, () => box(clientOf({ aud: ['files:read'] }))],
  ['a message without end', 413, /1 character too long/, () => box(clientOf(), 'x'.repeat(524_289))],
  ['a body without end', 413, /larger than/, () => box(clientOf(), 'x'.repeat(3_300_000))],
  ['a message of NULs only', 400, /Enter a message/, () => box(clientOf(), '\u0000')],
  ['headers without end', 431, /1 MiB/, () => box(clientOf({}, { signedIntent: 'x'.repeat(1_100_000) }))],
]
for (const [what, status, says, meet] of errors) {
  test(`what the user reads for ${what} is a sentence of ours, ${status}`, async () => {
    isGood(await meet(), status, says)
  })
}

test('what the user reads when the limit is spent says when to come back, in the crash reporter too', async () => {
  const client = clientOf()
  for (let i = 0; i < 10; i += 1) assert.ok((await box(client)).isSuccess)
  for (const shown of [await box(client), await client.crashReport(CRASH)]) isGood(shown, 429, /again in \d+ minutes/)
  assert.equal(client.lostItsKey, false)
})

test('what the user reads while nothing can be stored says to keep the text; afterwards the same click works', async () => {
  const holder = new DatabaseSync(join(at.folder, 'data', 'support-relay.db'), { timeout: 5_000 })
  holder.exec('begin immediate')
  const client = clientOf()
  isGood(await box(client), 503, /Keep your text/)
  holder.exec('rollback')
  holder.close()
})

const isGood = ({ isSuccess, status, message, answer }: Shown, expected: number, says: RegExp) => {
  assert.deepEqual([isSuccess, status], [false, expected])
  assert.match(message ?? '', SENTENCE)
  assert.match(message ?? '', says)
  assert.equal(message, JSON.parse(answer.text).why, 'shown as it is, neither replaced nor generic')
}

test('the client here does as UCloud’s: what is no JSON, what is empty, the text it replaces', () => {
  const json = { 'content-type': 'application/json' }
  const of = (status: number, text: string, headers = json) => outcomeOf({ status, headers, text })
  assert.deepEqual(of(200, ''), { isSuccess: true, message: null })
  assert.equal(of(200, '{').isSuccess, false)
  assert.equal(of(200, 'OK', { 'content-type': 'text/plain' }).isSuccess, true)
  const generic = 'An error occurred. Please reload the page.'
  assert.deepEqual([of(400, '{"why":"Bad Request"}').message, of(500, '').message], [generic, generic])
  assert.deepEqual([of(403, '').message, of(403, '{"why":"No."}').message], ['Permission denied', 'No.'])
})
