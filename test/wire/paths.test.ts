/** Absurd paths: a status that says what is there, in JSON, whoever asks. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { InProcess } from '../support/in-process.ts'
import { answersIn, assertDecent, BEARER, body, exchange, get, LAST, startTarget, storedMessages } from './wire.ts'

let at: InProcess
before(async () => {
  at = await startTarget()
})
after(() => at.stop())

const TEXT = body('m')
const statusesOf = async (bytes: string): Promise<number[]> => {
  const answers = answersIn(await exchange(at, bytes))
  for (const answer of answers) assertDecent(answer, bytes.slice(0, 200))
  return answers.map(({ status }) => status)
}

/** What a POST of a ticket gets there, and what a GET. */
const cases: [path: string, post: number, get: number][] = [
  ['//api///support//ticket', 200, 405],
  ['/api/support/%74icket', 200, 405],
  ['/api/support/ticket?', 200, 405],
  ['/api/support/ticket??a=%zz&%00&=&#', 200, 405],
  [`/api/support/ticket?${'a&'.repeat(30_000)}`, 200, 405],
  ['/api/support/ticket/', 404, 404],
  ['/api/support/ticket%00', 404, 404],
  ['/api/support/ticket%20', 404, 404],
  ['/api/support/ticket;a=b', 404, 404],
  ['/api/support%2fticket', 404, 404],
  ['/api/support/./ticket', 404, 404],
  ['/api/support/x/../ticket', 404, 404],
  ['/api\\support\\ticket', 404, 404],
  ['/API/support/ticket', 404, 404],
  ['/%2e%2e/%2e%2e/etc/passwd', 404, 404],
  ['/../../etc/passwd', 404, 404],
  ['/widget.js%00', 404, 404],
  ['/assets/../../package.json', 404, 404],
  ['/assets/%2e%2e%2f%2e%2e%2fpackage.json', 405, 404],
  ['/assets/__proto__', 405, 404],
  ['/assets/constructor', 405, 404],
  ['/__proto__', 404, 404],
  ['/toString', 404, 404],
  ['/<script>alert(1)</script>', 404, 404],
  [`/${'a'.repeat(65_535)}`, 404, 404],
  [`/${'%61'.repeat(20_000)}`, 404, 404],
  [`/${'a/'.repeat(30_000)}`, 404, 404],
  ['/%', 400, 400],
  ['/%zz', 400, 400],
  ['/%ff', 400, 400],
  ['/%c0%ae%c0%ae/etc/passwd', 400, 400],
  ['/api/support/ticket%ed%a0%80', 400, 400],
  ['http://[/', 400, 400],
  ['http:///api/support/ticket', 400, 400],
  ['http://x:99999/livez', 400, 400],
]
for (const [path, post, got] of cases) {
  test(`${path.slice(0, 50)}: ${post} to a ticket, ${got} to a look`, async () => {
    const stored = storedMessages(at).length
    const request = `POST ${path} HTTP/1.1\r\nHost: x\r\n${BEARER}Content-Length: ${TEXT.length}\r\n\r\n${TEXT}`
    // The connection stays usable.
    assert.deepEqual(await statusesOf(request + LAST), [post, 200])
    assert.equal(storedMessages(at).length, stored + (post === 200 ? 1 : 0))
    assert.deepEqual(await statusesOf(get(`GET ${path} HTTP/1.1`) + LAST), [got, 200])
  })
}

test('a target that is no path, or holds bytes that no path may hold, is refused and ends the connection', async () => {
  for (const target of ['?', '#', '?/livez', 'livez', '/\x7f', '/\xe9', '/\x01', '/a b']) {
    assert.deepEqual(await statusesOf(get(`GET ${target} HTTP/1.1`) + LAST), [400], target)
  }
})
