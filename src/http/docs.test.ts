import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { startPagesApp } from '../../test/support/pages-app.ts'
import { calls } from '../api/calls.ts'
import { manual } from '../api/manual.ts'
import { openApi } from '../api/openapi.ts'

const packageFile = join(import.meta.dirname, '../../package.json')
const start = async (t: TestContext) => {
  const pages = await startPagesApp()
  t.after(() => pages.close())
  return pages.app
}

test('/openapi.json is the document of this version, for anyone', async t => {
  const app = await start(t)
  const answer = await app.inject({ url: '/openapi.json' })
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8'))
  assert.deepEqual([answer.statusCode, answer.headers['content-type']], [200, 'application/json; charset=utf-8'])
  assert.deepEqual(answer.json(), JSON.parse(JSON.stringify(openApi(version))))
  assert.equal(answer.json().info.version, version)
})

test('who has the document is told so, and gets it gzipped or not under one tag', async t => {
  const app = await start(t)
  const plain = await app.inject({ url: '/openapi.json' })
  const zipped = await app.inject({ url: '/openapi.json', headers: { 'accept-encoding': 'gzip' } })
  assert.equal(gunzipSync(zipped.rawPayload).toString(), plain.body)
  const { etag } = plain.headers
  assert.match(String(etag), /^W\/"[\w-]{16}"$/)
  assert.equal(zipped.headers.etag, etag)
  assert.equal(plain.headers['cache-control'], 'no-cache')

  const again = await app.inject({ url: '/openapi.json', headers: { 'if-none-match': String(etag) } })
  assert.deepEqual([again.statusCode, again.body], [304, ''])
  const other = await app.inject({ url: '/openapi.json', headers: { 'if-none-match': 'W/"another"' } })
  assert.equal(other.statusCode, 200)
  const head = await app.inject({ method: 'HEAD', url: '/openapi.json' })
  assert.deepEqual([head.statusCode, head.body, head.headers.etag], [200, '', etag])
})

test('/docs shows every call and every shape with all its properties, and all links on it lead somewhere', async t => {
  const app = await start(t)
  const { statusCode, body, headers } = await app.inject({ url: '/docs' })
  assert.equal(statusCode, 200)
  assert.match(String(headers['content-security-policy']), /^default-src 'none'; style-src 'nonce-/)
  const ids = [...body.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)
  assert.equal(new Set(ids).size, ids.length, 'each once')
  for (const { name } of calls) assert.ok(ids.includes(name), name)
  const { models } = manual()
  for (const { name, fields } of models) {
    assert.ok(ids.includes(name), name)
    for (const field of fields) assert.ok(body.includes(`<code>${field.name}</code>`), `${name}.${field.name}`)
  }
  for (const [, anchor = ''] of body.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(anchor), anchor)
  for (const [, address = ''] of body.matchAll(/(?:href|src)="(?!#)([^"]+)"/g))
    assert.match(address, /^\/(?!\/)/, 'nothing of somebody else')
  assert.doesNotMatch(body, /`|undefined|\[object/)
})
