/** JSON that parsers have choked on: too deep, too wide, with names and numbers that mean something to the language. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { InProcess } from '../support/in-process.ts'
import { post } from '../support/service.ts'
import { startTarget } from './wire.ts'

let at: InProcess
before(async () => {
  at = await startTarget()
})
after(() => at.stop())

const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const withContext = (context: string) => `{"message":"m","context":${context}}`
const KEYS = Array.from({ length: 200_000 }, (_, i) => `"k${i}":1`).join()
const utf16 = (text: string) => Buffer.from(text, 'utf16le')

const cases: [what: string, body: string | Buffer, status: number, why: RegExp | null][] = [
  ['a context 100,000 lists deep', withContext(`{"a":${lists(100_000)}}`), 400, /nested deeper than 100 levels/],
  ['a context 100,000 objects deep', withContext(objects(100_000)), 400, /nested deeper than 100 levels/],
  ['a context one object too deep', withContext(objects(17)), 400, /context .* not too deep/],
  ['a context as deep as it may be', withContext(objects(16)), 200, null],
  ['a body 100,000 lists deep', lists(100_000), 400, /nested deeper than 100 levels/],
  ['a body 100,000 objects deep', objects(100_000), 400, /nested deeper than 100 levels/],
  ['a body of 1,500,000 lists', lists(1_500_000), 400, /nested deeper than 100 levels/],
  ['a body of 3,000,000 lists that never end', '['.repeat(3_000_000), 400, /nested deeper than 100 levels/],
  ['a message 1,000,000 lists deep', `{"message":${lists(1_000_000)}}`, 400, /nested deeper than 100 levels/],
  ['a type 1,000,000 lists deep', `{"message":"m","type":${lists(1_000_000)}}`, 400, /nested deeper than 100 levels/],
  [
    'a field nobody knows, 1,000,000 lists deep',
    `{"message":"m","x":${lists(1_000_000)}}`,
    400,
    /nested deeper than 100 levels/,
  ],
  ['a field nobody knows, 99 lists deep', `{"message":"m","x":${lists(99)}}`, 200, null],
  ['a context of 200,000 keys', withContext(`{${KEYS}}`), 400, /more than 20,000 values/],
  [
    'a context of 17,000 lists',
    withContext(`{"a":[${'[],'.repeat(17_000)}1]}`),
    413,
    /context holds more than 16,384 values/,
  ],
  ['a context of 1,000,000 lists', withContext(`{"a":[${'[],'.repeat(1_000_000)}1]}`), 400, /more than 20,000 values/],
  ['200,000 fields nobody knows', `{"message":"m",${KEYS}}`, 400, /more than 20,000 values/],
  ['a number of 1,000,000 digits', `{"message":"m","x":${'9'.repeat(1_000_000)}}`, 200, null],
  ['a message that is a number', '{"message":1e400}', 400, /message must be text/],
  ['a field in the prototype only', '{"__proto__":{"message":"m"}}', 400, /Enter a message/],
  ['two messages, the last of which is none', '{"message":"m","message":1}', 400, /message must be text/],
  ['UTF-8 with a mark', '\ufeff{"message":"ü"}', 200, null],
  ['UTF-16 with a mark', utf16('\ufeff{"message":"ü"}'), 200, null],
  ['UTF-16 with the other mark', utf16('\ufeff{"message":"ü"}').swap16(), 200, null],
  ['UTF-16 without a mark', utf16('{"message":"ü"}'), 400, /UTF-8/],
  ['UTF-32', Buffer.from('{\0\0\0}\0\0\0', 'latin1'), 400, /not a JSON object/],
]
for (const [what, body, status, why] of cases) {
  test(`${what}: ${status}`, async () => {
    const answer = await post(at.address, body)
    const text = await answer.text()
    assert.equal(answer.status, status, text)
    if (why === null) assert.equal(text, '{}')
    else assert.match(JSON.parse(text).why, why)
  })
}

const kept: [what: string, sent: string, shown: string][] = [
  ['as deep as may be', objects(16), objects(16)],
  ['lists as deep as may be', `{"a":${lists(16)}}`, `{"a":${lists(16)}}`],
  [
    'names of the language',
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toJSON":"x","toString":1,"then":null}',
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toJSON":"x","toString":1,"then":null}',
  ],
  [
    'numbers beyond what a number holds',
    `{"a":1e400,"b":-1e400,"c":1e-400,"d":-0,"e":${'9'.repeat(5_000)},"f":0.${'1'.repeat(5_000)},"g":12345678901234567890}`,
    '{"a":null,"b":null,"c":0,"d":0,"e":null,"f":0.1111111111111111,"g":12345678901234567000}',
  ],
  ['duplicate keys', '{"a":1,"b":{"c":1,"c":2},"a":3}', '{"a":3,"b":{"c":2}}'],
  [
    'NUL and half letters, in names and values',
    '{"a\\u0000":"\\ud800\\u0000","\\udc00":[]}',
    '{"a":"\ufffd","\ufffd":[]}',
  ],
]
for (const [what, sent, shown] of kept) {
  test(`a context is shown, stored and delivered alike: ${what}`, async () => {
    const before = at.receiver.received.length
    const answer = await post(at.address, withContext(sent), { prefer: 'return=representation' })
    assert.equal(answer.status, 200)
    assert.equal(JSON.stringify((await answer.json()).context), shown)
    const id = answer.headers.get('ticket-id')
    for (let count = before + 1; ; count += 1) {
      await at.receiver.seen(count)
      const { ticket } = JSON.parse(at.receiver.received[count - 1]?.body ?? '').data
      if (ticket.id !== id) continue // an earlier test's
      assert.equal(JSON.stringify(ticket.context), shown)
      break
    }
    assert.equal('polluted' in {}, false)
  })
}

test('a context of two names that become the same one is answered, not refused', async () => {
  assert.equal((await post(at.address, withContext('{"a":1,"a\\u0000":2}'))).status, 200)
})
