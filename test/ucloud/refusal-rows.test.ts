/** Contract 1.3, the rows on whoever may not write: 401 where a new token can help, 403 where none can, and nothing is kept. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, test } from 'node:test'
import jwt from 'jsonwebtoken'
import { SECRET } from '../support/service.ts'
import { errorOf, type Stage, startStage } from './stage.ts'
import { apiToken, goClaims, hs512, rs256, seconds } from './token-makers.ts'

let at: Stage
before(async () => {
  at = await startStage()
})
after(() => at.stop())

const MESSAGE = { subject: 's', message: 'm' }
const providerKey = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

type Refusal = {
  readonly row: string
  readonly because?: string
  /** The value of `Authorization` in each case; left out: no such header. */
  readonly tokens: readonly (string | undefined)[]
  readonly status: 401 | 403
  readonly says: RegExp
}

const NEW_TOKEN_HELPS = 'as Kotlin: only 401 makes the client get a new token'
const refusals: readonly Refusal[] = [
  { row: 'no token', because: NEW_TOKEN_HELPS, tokens: [undefined, '', 'Bearer'], status: 401, says: /no token/ },
  { row: 'not a JWT', tokens: ['Bearer nonsense', 'Basic YTpi'], status: 401, says: /not valid here/ },
  {
    row: 'bad signature',
    tokens: [jwt.sign(goClaims(), 'another secret', { algorithm: 'HS512' }), `${hs512(goClaims()).slice(0, -4)}AAAA`],
    status: 401,
    says: /not valid here/,
  },
  {
    row: 'wrong alg',
    tokens: [
      jwt.sign(goClaims(), SECRET, { algorithm: 'HS256' }),
      rs256(goClaims()),
      jwt.sign(goClaims(), null, { algorithm: 'none' }),
    ],
    status: 401,
    says: /not valid here/,
  },
  { row: 'wrong issuer', tokens: [hs512(goClaims({ iss: 'evil' }))], status: 401, says: /not valid here/ },
  { row: 'expired', tokens: [hs512(goClaims({ exp: seconds() - 90 }))], status: 401, says: /has run out/ },
  { row: 'iat in the future', tokens: [hs512(goClaims({ iat: seconds() + 600 }))], status: 401, says: /a clock is/ },
  {
    row: 'subject claim unreadable',
    because: 'Go had 403; a new token may well have one',
    tokens: [hs512(goClaims({ sub: '' }))],
    status: 401,
    says: /not valid here/,
  },
  {
    row: 'unknown provider subject',
    tokens: [hs512(goClaims({ sub: '#P_nobody', role: 'PROVIDER' }))],
    status: 403,
    says: /Only people/,
  },
  {
    row: 'role claim not USER, ADMIN, SERVICE or PROVIDER',
    because: 'as Go: a new token would say the same',
    tokens: ['GUEST', 'UNKNOWN', 'user', '', null, ['USER']].map(role => hs512(goClaims({ role }))),
    status: 403,
    says: /Only people/,
  },
  {
    row: 'valid token, role SERVICE or PROVIDER',
    because: 'as Go',
    tokens: ['SERVICE', 'PROVIDER'].map(role => `Bearer ${hs512(goClaims({ role }))}`),
    status: 403,
    says: /Only people/,
  },
  {
    row: 'a provider’s own key',
    tokens: [rs256(goClaims({ sub: '_UCloud', role: 'SERVICE' }), providerKey)],
    status: 401,
    says: /not valid here/,
  },
  {
    row: 'token scope does not cover the call',
    because: 'Kotlin had 401; a new token would be as narrow',
    tokens: ['files.browse:read', 'support.createTicket:read', 'all:read'].map(aud => hs512(goClaims({ aud: [aud] }))),
    status: 403,
    says: /limited to other things/,
  },
  { row: 'bad API token', tokens: [apiToken(), `Bearer ${apiToken()}`], status: 401, says: /^API tokens cannot be/ },
]

for (const { row, because, tokens, status, says } of refusals) {
  test(`1.3, ${row}: ${status}${because ? `, ${because}` : ''}`, async () => {
    const storedBefore = at.count()
    for (const authorization of tokens) {
      // Who asks is decided before the body is looked at: in both originals errors of the token win.
      for (const body of [MESSAGE, 'no JSON']) {
        const answer = await at.send(body, authorization === undefined ? {} : { authorization })
        const { code, why } = errorOf(answer)
        assert.deepEqual([answer.status, code], [status, status === 401 ? 'UNAUTHORIZED' : 'FORBIDDEN'], authorization)
        assert.match(why, says)
      }
    }
    assert.equal(at.count(), storedBefore)
  })
}
