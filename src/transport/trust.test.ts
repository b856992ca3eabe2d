/** Whose certificates are trusted for which step, and what is said of one that is not good. */
import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import { type TestContext, test } from 'node:test'
import { certificate, expiredCertificate, key } from '../../test/contracts/certificate.ts'
import * as mailStage from '../../test/support/mail-stage.ts'
import { answered, failed, listening, post, SECRET, transportFor } from '../../test/support/transport-stage.ts'
import { noAnswer } from './failure.ts'

const BOUNDS = { timeoutMs: 5_000 }
const resolve = async () => ['127.0.0.1']
const secure = (t: TestContext, cert = certificate) =>
  listening(
    t,
    createServer({ key, cert }, (_request, response) => response.end('ok')),
  )

test('an authority of one destination is trusted there only, whichever is asked first', async t => {
  const url = `https://receiver.test:${await secure(t)}/hook/${SECRET}`
  for (const order of [
    [certificate, undefined],
    [undefined, certificate, undefined, certificate],
  ]) {
    const transport = transportFor(t, { resolve })
    for (const ca of order) {
      const answer = await transport.send(post(url), { ...BOUNDS, ca })
      if (ca) answered(answer)
      else failed(answer, 'certificate')
    }
  }
})

test('it is trusted beside the one of all destinations', async t => {
  const [good, old] = [await secure(t), await secure(t, expiredCertificate)]
  const transport = transportFor(t, { resolve, ca: certificate })
  answered(await transport.send(post(`https://receiver.test:${good}/`), BOUNDS))
  answered(await transport.send(post(`https://receiver.test:${good}/`), { ...BOUNDS, ca: expiredCertificate }))
  const told = failed(
    await transport.send(post(`https://receiver.test:${old}/`), { ...BOUNDS, ca: expiredCertificate }),
    'certificate',
  )
  assert.match(told, /has expired\. Whoever runs the host has to renew it \(CERT_HAS_EXPIRED\)/)
})

test('what is wrong with a certificate is told, with the key to set', async t => {
  const port = await secure(t)
  const unknown = failed(await transportFor(t).send(post(`https://127.0.0.1:${port}/`), BOUNDS), 'certificate')
  assert.match(unknown, /signed by nobody who is trusted.* caFile of the destination, or in network\.caFile/)
  const trusting = transportFor(t, { resolve, ca: certificate })
  const other = failed(await trusting.send(post(`https://elsewhere.test:${port}/`), BOUNDS), 'certificate')
  assert.match(other, /is for another host than the one in the address/)
  for (const [code, expected] of [
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /network\.caFile/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /network\.caFile/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /network\.caFile/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /network\.caFile/],
    ['CERT_NOT_YET_VALID', /not valid yet\. Look at the clocks/],
    ['CERT_REVOKED', /was revoked/],
    ['HOSTNAME_MISMATCH', /another host/],
    ['CERT_CHAIN_TOO_LONG', /not valid for it, or not trusted/],
  ] as const) {
    const answer = noAnswer(Object.assign(new Error(SECRET), { code }))
    assert.match(failed(answer, 'certificate'), expected)
  }
})

test('mail is held to the same: an authority of its own, and the same words', async t => {
  const server = await mailStage.serve(t, { disabledCommands: [], key, cert: certificate })
  const transport = mailStage.transportFor(t)
  const step = mailStage.mail(server.port, { needsTls: true })
  assert.match(mailStage.failed(await transport.send(step, BOUNDS), 'certificate'), /network\.caFile/)
  mailStage.answered(await transport.send(step, { ...BOUNDS, ca: certificate }), 250, 'MESSAGE')
  mailStage.failed(await transport.send(step, BOUNDS), 'certificate')
})
