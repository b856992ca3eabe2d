/** Every way of forging a token that has worked somewhere, against each kind of key, over HTTP: each is refused, and nothing is fetched
 *  from an address that a token names. */
import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { rsaCertificate, rsaKey } from '../contracts/rsa-certificate.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { configurationFor, SECRET } from '../support/service.ts'
import { forgeries, type Maker, signedBy, soundClaims } from './forgeries.ts'

const ISSUER = 'login.example.org'
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const fetched: string[] = []
const server = createServer((request, response) => {
  fetched.push(request.url ?? '')
  response.end(JSON.stringify({ keys: [{ ...ec.publicKey.export({ format: 'jwk' }), kid: 'ours' }] }))
})
const spki = createPublicKey(rsaKey)
const pem = spki.export({ type: 'spki', format: 'pem' }).toString()

let address = ''
const maker = (alg: string, how: Partial<Maker> & Pick<Maker, 'sign'>): Maker => ({
  alg,
  kid: null,
  known: {},
  issuer: ISSUER,
  trap: `${address}/trap`,
  ...how,
})

const kinds: { name: string; key: () => string; maker: () => Maker }[] = [
  {
    name: 'a shared secret',
    key: () => `sharedSecret: "${SECRET}"`,
    maker: () =>
      maker('HS512', {
        sign: signed => createHmac('sha512', SECRET).update(signed).digest(),
        known: {
          'secret, read as hexadecimal,': Buffer.from(SECRET, 'hex'),
          'secret, read as base64,': Buffer.from(SECRET, 'base64'),
        },
      }),
  },
  {
    name: 'a certificate',
    key: () => `certificate: "${rsaCertificate.trim().replaceAll('\n', '\\n')}"`,
    maker: () =>
      maker('RS256', {
        sign: signed => sign('sha256', Buffer.from(signed), rsaKey),
        known: {
          certificate: rsaCertificate,
          'public key': pem,
          'public key without its last line break': pem.trim(),
          'public key as DER': spki.export({ type: 'spki', format: 'der' }),
          'older public key': spki.export({ type: 'pkcs1', format: 'pem' }).toString(),
        },
      }),
  },
  {
    name: 'published keys',
    key: () => `jwksUrl: "${address}/keys"`,
    maker: () =>
      maker('ES256', {
        kid: 'ours',
        sign: signed => sign('sha256', Buffer.from(signed), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
        known: {
          'public key': ec.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
          'public key as JSON': JSON.stringify(ec.publicKey.export({ format: 'jwk' })),
        },
      }),
  },
]

before(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on TCP
})
after(() => server.close())

const send = (at: InProcess, token: string) =>
  at.raw(
    `POST /api/support/ticket HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: 15\r\nconnection: close\r\n\r\n{"message":"m"}`,
  )

for (const kind of kinds) {
  test(`with ${kind.name}: what is forged is 401, in JSON, and nothing is fetched from where it says`, async () => {
    const at = await startInProcess({
      configure: url =>
        configurationFor(url).replace(
          `issuer: cloud.sdu.dk, sharedSecret: "${SECRET}"`,
          `issuer: "${ISSUER}", audience: support, ${kind.key()}`,
        ),
    })
    try {
      const maker = kind.maker()
      const all = forgeries(maker)
      assert.ok(all.size >= 150, `${all.size} forgeries`)
      assert.match(
        await send(at, signedBy(maker, soundClaims(ISSUER))),
        /^HTTP\/1\.1 200 /,
        'what they are made from passes',
      )
      for (const [name, token] of all) {
        const answer = await send(at, token)
        assert.match(answer, /^HTTP\/1\.1 401 [\s\S]*"errorCode":"UNAUTHORIZED"/, `${name}: ${answer.split('\r\n')[0]}`)
      }
      assert.match(await send(at, signedBy(maker, soundClaims(ISSUER))), /^HTTP\/1\.1 200 /, 'and passes afterwards')
    } finally {
      await at.stop()
    }
    assert.deepEqual(
      fetched.filter(url => url !== '/keys'),
      [],
    )
    assert.ok(fetched.length <= 2, `${fetched.length} questions`)
  })
}
