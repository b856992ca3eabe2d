/** Answers that are too big, or not what they say: little of them is read, nothing is inflated, and the status decides. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Outcome } from '../../src/domain/outcome.ts'
import { BODY_MAX_BYTES } from '../../src/transport/http.ts'
import { answer } from './server.ts'
import { bomb, framed, huge, inChunks, type Shape, TAKEN_MAX_BYTES } from './shapes.ts'
import { delivered, type KindName, refused, retry, stage, unavailable, unclear } from './stage.ts'

const at = stage()

const kindNames = ['slack', 'webhook'] as const
const MEGABYTES_100 = 100_000_000
type Meaning = Outcome | Readonly<Record<KindName, Outcome>>
const meant = (meaning: Meaning, kind: KindName) => ('kind' in meaning ? meaning : meaning[kind])
const yes = { slack: unclear(200), webhook: delivered }

const sizes: readonly (readonly [shape: Shape, meaning: Meaning])[] = [
  [{ status: 200 }, yes],
  [{ status: 200, headers: ['Content-Encoding: gzip'] }, yes],
  [{ status: 302, headers: ['Location: /x'] }, unavailable('redirect')],
  [{ status: 404 }, unavailable('http-404')],
  [{ status: 429, headers: ['Retry-After: 7'] }, retry('http-429', 7_000)],
  [{ status: 503 }, retry('http-503')],
]

for (const [shape, meaning] of sizes) {
  test(`of a ${shape.status} with 100 MB${shape.headers?.[0] ? `, ${shape.headers[0]}` : ''} little is taken, and the status counts`, async () => {
    for (const kind of kindNames) {
      const { fault, seen, gone } = huge(shape, MEGABYTES_100)
      const learned = await at.attempt(kind, fault)
      assert.deepEqual([learned.outcome, learned.status], [meant(meaning, kind), shape.status])
      await gone
      assert.ok(seen.sent < TAKEN_MAX_BYTES, `${seen.sent} bytes were taken`)
    }
  })
}

const swollen = bomb()
const bombs: readonly (readonly [status: number, meaning: Meaning])[] = [
  [200, yes],
  [400, retry('http-400')],
  [410, unavailable('http-410')],
  [500, retry('http-500')],
]

for (const [status, meaning] of bombs) {
  test(`a ${status} that would swell to a gigabyte is not inflated`, async () => {
    for (const kind of kindNames) {
      const { fault } = huge({ status, headers: ['Content-Encoding: gzip'] }, swollen.length, { chunk: swollen })
      const learned = await at.attempt(kind, fault)
      assert.deepEqual([learned.outcome, learned.status], [meant(meaning, kind), status])
      // The bytes as they came begin with gzip's own mark; inflated they are zeros, of which nothing is shown.
      assert.match(learned.excerpt ?? '', /^\ufffd/)
    }
  })
}

const encoded: readonly (readonly [name: string, encoding: string, body: Uint8Array, meaning: Meaning])[] = [
  ['a whole gzip that we never asked for', 'gzip', gzipSync('ok'), yes],
  ['half a gzip', 'gzip', gzipSync('ok'.repeat(100)).subarray(0, 20), yes],
  ['brotli', 'br', brotliCompressSync('ok'), yes],
  ['brotli that is none', 'br', Buffer.from('nonsense'), yes],
  ['an encoding of nobody', 'x-nobody', Buffer.from('okay'), yes],
  ['a word in clear that says it is compressed', 'gzip', Buffer.from('ok'), delivered],
  ['bytes of no character set', 'identity', Buffer.from([0xff, 0xfe, 0x00, 0xd8]), yes],
]

for (const [name, encoding, body, meaning] of encoded) {
  test(`200 with ${name} is judged as it stands`, async () => {
    for (const kind of kindNames) {
      const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\n\r\n`
      const learned = await at.attempt(kind, answer(head, body))
      assert.deepEqual(learned.outcome, meant(meaning, kind))
      assert.ok((learned.excerpt ?? '').isWellFormed())
    }
  })
}

test('headers of 8 kB are read, and none of them reaches the log of attempts', async () => {
  const headers = Array.from({ length: 8 }, (_, i) => `X-Header-${i}: ${'h'.repeat(1_000)}`)
  for (const kind of kindNames) {
    const learned = await at.attempt(kind, answer(framed({ status: 200, body: 'ok', headers })))
    assert.deepEqual(learned, { outcome: delivered, status: 200, excerpt: 'ok' })
  }
})

test('Slack’s word is found where the body ends, not where a page happens to hold it', async () => {
  const page = `<html>${'x'.repeat(BODY_MAX_BYTES)}ok</html>`
  for (const body of [page, `ok${' '.repeat(BODY_MAX_BYTES)}`]) {
    for (const bytes of [framed({ status: 200, body }), inChunks({ status: 200, body })]) {
      assert.deepEqual((await at.attempt('slack', answer(bytes))).outcome, unclear(200))
    }
  }
  const padded = { status: 400, body: `${' '.repeat(2_000)}invalid_blocks` }
  assert.deepEqual((await at.attempt('slack', answer(framed(padded)))).outcome, retry('http-400'))
  const spaced = { status: 400, body: ' \r\n{ "ok": false, "error": "invalid_blocks" }\r\n' }
  assert.deepEqual((await at.attempt('slack', answer(inChunks(spaced)))).outcome, refused('slack-invalid-blocks'))
})

test('a receiver that sends our own request back keeps no secret in the log of attempts', async () => {
  for (const kind of kindNames) {
    for (const status of [200, 400, 500]) {
      const learned = await at.attempt(kind, (socket, { head, body, path }) => {
        const said = `cannot ${head} at ${encodeURIComponent(path)}\n${body}`
        answer(framed({ status, body: said }))(socket, { head, body, path })
      })
      assert.match(learned.excerpt ?? '', /^cannot POST \[hidden\] HTTP\/1\.1/)
      assert.doesNotMatch(learned.excerpt ?? '', /number0{6}/)
    }
  }
})
