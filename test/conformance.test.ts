/** That the comparison of every answer with the document can fail. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Exchange, undocumented } from './support/conformance.ts'

const exchange = (more: Partial<Exchange>): Exchange => ({
  method: 'POST',
  url: 'http://127.0.0.1/api/support/replay',
  requestBody: '{"filterState":"DEAD"}',
  status: 200,
  contentType: 'application/json; charset=utf-8',
  isOurs: true,
  text: '{"count":1}',
  ...more,
})
const error = (errorCode: string, status: number) => ({
  status,
  text: JSON.stringify({ why: 'w', errorCode, statusCode: status }),
})

test('an answer as documented passes', () => {
  assert.equal(undocumented(exchange({})), undefined)
  assert.equal(undocumented(exchange(error('INVALID_FIELD', 400))), undefined)
  assert.equal(undocumented(exchange({ url: 'http://127.0.0.1/elsewhere', text: '[]' })), undefined)
})

for (const [what, given, expected] of [
  ['a field of another type', { text: '{"count":"1"}' }, /otherwise than documented/],
  ['a field too many', { text: '{"count":1,"ids":[]}' }, /otherwise than documented/],
  ['a field that is missing', { text: '{}' }, /otherwise than documented/],
  ['a status', { ...error('KEY_REUSED', 422) }, /422, which is not documented/],
  [
    'an error code of a known status',
    { ...error('MESSAGE_REQUIRED', 400) },
    /MESSAGE_REQUIRED, which is not documented/,
  ],
  ['a request that was taken', { requestBody: '{"state":"DEAD"}' }, /took what is not documented/],
] as const) {
  test(`${what} that the document does not know is found`, () => {
    assert.match(undocumented(exchange(given)) ?? '', expected)
  })
}

test('`fetch` itself compares', async () => {
  const { createServer } = await import('node:http')
  const server = createServer((_request, response) => {
    response.setHeader('job-id', 'j').setHeader('content-type', 'application/json').end('{"count":"many"}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const url = `http://127.0.0.1:${port}/api/support/replay`
  await assert.rejects(fetch(url, { method: 'POST', body: '{"ids":["a"]}' }), /otherwise than documented/)
  server.closeAllConnections()
  server.close()
})
