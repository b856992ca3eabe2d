/** The certificate of UCloud's configuration, in each form in which it is written there. */
import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { rsaCertificate } from '../contracts/rsa-certificate.ts'
import { startStage } from './stage.ts'
import { goClaims, hs512, kotlinClaims, memberships, rs256 } from './token-makers.ts'

const bare = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '')
const key = createPublicKey(rsaCertificate).export({ type: 'spki', format: 'pem' }).toString()
for (const [what, text] of [
  ['a PEM certificate', rsaCertificate],
  ['a PEM certificate on one line', rsaCertificate.trim().replaceAll('\n', '\\n')],
  ['the bare base64 of a certificate', bare(rsaCertificate)],
  ['the bare base64 of a public key', bare(key)],
] as const) {
  test(`with ${what} RS256 tokens of both makers are taken, and HS512 and another key are not`, async () => {
    const stage = await startStage(`certificate: ${JSON.stringify(text)}`)
    const statusOf = async (token: string) =>
      (await stage.send({ message: 'm' }, { authorization: `Bearer ${token}` })).status
    try {
      for (const claims of [goClaims(), kotlinClaims(), goClaims(memberships(60, 200))])
        assert.equal(await statusOf(rs256(claims)), 200)
      const forged = rs256(goClaims()).replace(/[^.]{20}$/, 'A'.repeat(20))
      for (const token of [hs512(goClaims()), forged]) assert.equal(await statusOf(token), 401)
    } finally {
      await stage.stop()
    }
  })
}
