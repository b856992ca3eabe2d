/** Contract 1.1, Accept-Encoding, in the whole service: gzip for who asks and where it is worth it; Go gzipped even `{}`. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { bearer, type Stage, startStage, TICKET_PATH } from './stage.ts'

let at: Stage
before(async () => {
  at = await startStage()
})
after(() => at.stop())

const BROWSER = 'gzip, deflate, br, zstd'
const long = { message: 'A long message. '.repeat(200) }

test('1.1, Accept-Encoding: the answer to a ticket stays {}, whoever asks, and says that it varies', async () => {
  for (const encoding of [BROWSER, 'gzip', 'identity', '*']) {
    const { text, headers } = await at.send(long, { ...bearer(), 'accept-encoding': encoding })
    assert.deepEqual(
      [text, headers['content-encoding'], headers['content-length'], headers.vary],
      ['{}', undefined, '2', 'Accept-Encoding'],
    )
  }
})

test('1.1, Accept-Encoding: a whole ticket is gzipped for who asks, and is the same ticket', async () => {
  const headers = { ...bearer(), prefer: 'return=representation', 'idempotency-key': 'k' }
  const plain = await at.send(long, headers)
  assert.deepEqual([plain.headers['content-encoding'], plain.headers.vary], [undefined, 'Accept-Encoding'])
  const zipped = await at.send(long, { ...headers, 'accept-encoding': BROWSER })
  assert.equal(zipped.headers['content-encoding'], 'gzip')
  assert.equal(zipped.headers['content-length'], String(zipped.bytes.length))
  assert.ok(zipped.bytes.length < plain.bytes.length / 2)
  assert.deepEqual(JSON.parse(gunzipSync(zipped.bytes).toString()), JSON.parse(plain.text))
  assert.equal(JSON.parse(plain.text).message, long.message)
})

test('1.1, Accept-Encoding: errors vary too, and short as they are stay plain', async () => {
  for (const [path, method] of [
    [TICKET_PATH, 'POST'],
    [TICKET_PATH, 'PUT'],
    ['/nothing', 'GET'],
  ] as const) {
    const { headers, text } = await at.call(path, { method, headers: { 'accept-encoding': BROWSER } })
    assert.deepEqual([headers['content-encoding'], headers.vary], [undefined, 'Accept-Encoding'])
    assert.ok(JSON.parse(text).why)
  }
})

test('1.1, Accept-Encoding: the pages’ styles and scripts are gzipped for who asks, the pages never', async () => {
  const page = await at.call('/', { headers: { 'accept-encoding': BROWSER } })
  assert.deepEqual([page.headers['content-encoding'], page.text.startsWith('<!')], [undefined, true])
  const files = new Set(page.text.match(/\/assets\/[\w.-]+\.(?:css|js)/g))
  assert.ok(files.size > 0)
  for (const file of files) {
    const plain = await at.call(file)
    const zipped = await at.call(file, { headers: { 'accept-encoding': BROWSER } })
    assert.equal(plain.headers['content-encoding'], undefined)
    assert.deepEqual([file, zipped.headers['content-encoding']], [file, 'gzip'])
    assert.deepEqual(gunzipSync(zipped.bytes), plain.bytes)
  }
})
