/** Every form in which people paste the key that checks RS256 tokens ends as one: the public key as PEM. */
import assert from 'node:assert/strict'
import { createPublicKey, createVerify, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import test from 'node:test'
import { certificate as ecCertificate } from '../../test/contracts/certificate.ts'
import { rsaCertificate } from '../../test/contracts/rsa-certificate.ts'
import { loadChanged } from '../../test/support/config.ts'
import { certificateFault } from './certificate.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const spki = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const ofCertificate = new X509Certificate(rsaCertificate).publicKey.export({ type: 'spki', format: 'pem' }).toString()
const bare = (pem: string) => pem.replaceAll(/-----[^-]+-----|\s/g, '')

const given = (certificate: string) => {
  const loaded = loadChanged(text => text.replace(/sharedSecret: "[^"]+"/, 'certificate: "${PEM}"'), {
    env: { PEM: certificate },
  })
  assert.ok('config' in loaded, JSON.stringify(loaded, null, 1))
  const { key } = loaded.config.auth
  assert.ok(key.kind === 'certificate')
  return key.certificate
}

const forms: [string, string, string][] = [
  ['a public key', spki, spki],
  ['a public key of the older form (PKCS 1)', rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), spki],
  ['a public key on one line', spki.trim().replaceAll('\n', ' '), spki],
  ['a public key with written line breaks', spki.trim().replaceAll('\n', '\\n'), spki],
  ['a public key of a file from Windows', spki.replaceAll('\n', '\r\n'), spki],
  ['the bare base64 of a public key', bare(spki), spki],
  ['a certificate', rsaCertificate, ofCertificate],
  ['the bare base64 of a certificate', bare(rsaCertificate), ofCertificate],
  ['a chain of certificates, of which the first counts', rsaCertificate + ecCertificate, ofCertificate],
  ['a certificate below what a tool printed', `Certificate:\n    Data:\n${rsaCertificate}`, ofCertificate],
]
for (const [what, form, expected] of forms) {
  test(`${what} is taken, and handed on as PEM`, () => {
    assert.equal(given(form), expected)
  })
}

test('what is handed on checks a signature of the private key', () => {
  const pem = given(bare(spki))
  const signature = sign('sha256', Buffer.from('text'), rsa.privateKey)
  assert.ok(createVerify('sha256').update('text').verify(createPublicKey(pem), signature))
})

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const
const faults: [string, string, string][] = [
  ['a private key', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'private'],
  ['a private key of the older form', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(), 'private'],
  ['a locked private key', rsa.privateKey.export(encrypted).toString(), 'private'],
  [
    'a certificate and its private key',
    rsaCertificate + rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'private',
  ],
  ['an elliptic key', ec.publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'not-rsa'],
  ['an elliptic certificate', ecCertificate, 'not-rsa'],
  ['half a certificate', rsaCertificate.slice(0, 400), 'unreadable'],
  ['the bare base64 of half a certificate', bare(rsaCertificate).slice(0, 400), 'unreadable'],
  ['base64 of something else', Buffer.from('something else').toString('base64'), 'unreadable'],
]
for (const [what, form, expected] of faults) {
  test(`${what} is not taken: ${expected}`, () => {
    assert.equal(certificateFault(form), expected)
  })
}

test('the bare base64 of a public key is no shared secret: whoever knows it could write tokens', () => {
  for (const form of [bare(spki), bare(rsaCertificate), bare(ecCertificate)]) {
    const loaded = loadChanged(text => text.replace('a-long-shared-secret-of-somebody', form))
    assert.ok('problems' in loaded)
    assert.match(loaded.problems.map(({ key, what }) => `${key} ${what}`).join(), /sharedSecret This is a key or cert/)
  }
})
