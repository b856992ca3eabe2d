/** Tokens as UCloud's Go and Kotlin make them: who may write, and what the ticket says of its writer. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorOf, type Stage, startStage } from './stage.ts'
import {
  type Claims,
  goClaims,
  hs512,
  kotlinClaims,
  memberships,
  NOTHING_KNOWN,
  seconds,
  uuid,
} from './token-makers.ts'

let at: Stage
before(async () => {
  at = await startStage()
})
after(() => at.stop())

const MESSAGE = { subject: 's', message: 'm' }
let users = 0
/** The answer to a ticket of a user who has sent nothing yet. */
const send = (claims: Claims, headers: Record<string, string> = {}) => {
  users += 1
  const token = hs512({ ...claims, ...(claims.sub === 'Ada#1234' && { sub: `Ada#${users}` }) })
  return at.send(MESSAGE, { authorization: `Bearer ${token}`, ...headers })
}
const ticketOf = async (claims: Claims, headers: Record<string, string> = {}) => {
  const answer = await send(claims, headers)
  assert.deepEqual([answer.status, answer.text], [200, '{}'])
  return at.delivered(answer)
}

const ADA = { role: 'USER', name: 'Ada Lovelace', email: 'ada@sdu.dk', organization: 'sdu.dk' }
const without = (claims: Claims, names: readonly string[]): Claims =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)))

const people: [what: string, claims: Claims, user: object][] = [
  ['Go, everything known', goClaims(), ADA],
  ['Go, nothing known', goClaims(NOTHING_KNOWN), { role: 'USER', name: null, email: null, organization: null }],
  [
    'Go, empty texts',
    goClaims({ firstNames: '', lastName: ' ', email: '', orgId: '' }),
    { role: 'USER', name: null, email: null, organization: null },
  ],
  ['Go, one name', goClaims({ lastName: null }), { ...ADA, name: 'Ada' }],
  ['Go, a password user', goClaims({ orgId: null, principalType: 'password' }), { ...ADA, organization: null }],
  ['Go, an administrator', goClaims({ role: 'ADMIN' }), { ...ADA, role: 'ADMIN' }],
  [
    'Go, without second factor and agreement, who must reach support all the same',
    goClaims({ twoFactorAuthentication: false, serviceLicenseAgreement: false }),
    ADA,
  ],
  ['Go, with claims nobody knows yet', goClaims({ tenant: { id: 1 }, nonce: null }), ADA],
  ['Kotlin, everything known', kotlinClaims(), ADA],
  [
    'Kotlin, nothing known',
    without(kotlinClaims(), [
      ...Object.keys(NOTHING_KNOWN),
      'twoFactorAuthentication',
      'serviceLicenseAgreement',
      'principalType',
    ]),
    { role: 'USER', name: null, email: null, organization: null },
  ],
  [
    'Kotlin, extended by services, for a day',
    kotlinClaims({ extendedBy: '_b', extendedByChain: ['_a', '_b'], exp: seconds() + 86_400 }),
    ADA,
  ],
  ['Kotlin, a one-time token', kotlinClaims({ jti: uuid(5), exp: seconds() + 30 }), ADA],
  ['Kotlin, scopes as a list', kotlinClaims({ aud: ['files.browse:read', 'support.createTicket:write'] }), ADA],
]
for (const [what, claims, user] of people) {
  test(`a token of ${what}: the ticket says what it says, and nothing that it does not`, async () => {
    const { username, ...rest } = (await ticketOf(claims)).user
    assert.match(username, /^Ada#\d+$/)
    assert.deepEqual(rest, user)
  })
}

test('a one-time token is not remembered as spent: repeating a call whose answer was lost must work', async () => {
  const authorization = `Bearer ${hs512(kotlinClaims({ jti: uuid(6), sub: 'Once#1' }))}`
  for (let i = 0; i < 2; i += 1) assert.equal((await at.send(MESSAGE, { authorization })).status, 200)
})

for (const [aud, status] of [
  ['all:write', 200],
  [['all:write'], 200],
  ['support.createTicket:write', 200],
  [['support.createTicket:write:meta'], 200],
  [['support:write'], 200],
  [[], 200],
  [undefined, 200],
  [['files.browse:read', 'jobs.create:write'], 403],
  ['support.createTicket:read', 403],
  ['support.createTickets:write', 403],
  ['support.create:write', 403],
  ['supp:write', 403],
  ['all:read', 403],
  ['', 403],
] as const) {
  test(`the scope ${JSON.stringify(aud)} is ${status}`, async () => {
    const answer = await send(without(kotlinClaims({ aud }), aud === undefined ? ['aud'] : []))
    assert.equal(answer.status, status, answer.text)
    if (status === 403) assert.match(errorOf(answer).why, /limited to other things/)
  })
}

for (const [what, claims] of [
  ['the system', goClaims({ sub: '_ucloud', role: 'SERVICE', principalType: 'service', ...NOTHING_KNOWN })],
  ['the orchestrator', goClaims({ sub: '_UCloud', role: 'SERVICE', principalType: 'service', ...NOTHING_KNOWN })],
  ['a provider', goClaims({ sub: '#P_k8s', role: 'PROVIDER', principalType: 'provider', ...NOTHING_KNOWN })],
] as const) {
  test(`a token of ${what} is 403 that says why`, async () => {
    assert.match(errorOf(await send(claims)).why, /Only people with the role USER or ADMIN/)
  })
}

for (const [what, projects, groups, least, most] of [
  ['25 kB', 60, 200, 20_000, 30_000],
  ['700 kB', 1_500, 5_800, 680_000, 720_000],
] as const) {
  test(`a token of about ${what} passes, lists its projects, and leaves no more than 100 of them in the store`, async () => {
    const claims = goClaims(memberships(projects, groups))
    const size = hs512(claims).length
    assert.ok(least < size && size < most, String(size))
    const answer = await send(claims, { project: uuid(projects - 1) })
    assert.equal(answer.status, 200)
    const ticket = await at.delivered(answer)
    assert.deepEqual(ticket.project, { id: uuid(projects - 1), listed: true })
    const kept = at.projectsOf(answer)
    assert.deepEqual(
      kept,
      Array.from({ length: Math.min(projects, 100) }, (_, i) => uuid(i)),
    )
    assert.ok(!JSON.stringify(ticket).includes(uuid(100_000)), 'groups go nowhere')
  })
}
