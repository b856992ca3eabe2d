/** Contract 1.2, row by row: what becomes of each kind of body. `because` stands where neither original is followed, or only one. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bearer, errorOf, type Stage, startStage } from './stage.ts'

let at: Stage
before(async () => {
  at = await startStage()
})
after(() => at.stop())

type Row = {
  readonly row: string
  readonly because?: string
  /** Sent as it stands, under any content type. */
  readonly bodies: readonly (string | Uint8Array)[]
} & (
  | { readonly status: 200; readonly subject: string; readonly message: string }
  | { readonly status: 400; readonly code: string; readonly says: RegExp }
)

const REQUIRED = { status: 400, code: 'MESSAGE_REQUIRED', says: /^Enter a message/ } as const
const NOT_JSON = { status: 400, code: 'INVALID_BODY', says: /not a JSON object/ } as const
const NO_BODY = { status: 400, code: 'INVALID_BODY', says: /no body/ } as const
const WRONG_KIND = { status: 400, code: 'INVALID_FIELD', says: /must be text/ } as const
const utf8 = (text: string) => new Uint8Array(Buffer.from(text))

const rows: readonly Row[] = [
  { row: 'subject and message', bodies: ['{"subject":"s","message":"m"}'], status: 200, subject: 's', message: 'm' },
  {
    row: 'unknown extra fields',
    bodies: ['{"subject":"s","message":"m","extra":1,"__proto__":{"message":5}}'],
    status: 200,
    subject: 's',
    message: 'm',
  },
  {
    row: 'subject missing',
    because: 'as Go takes it, but with a subject made from the first line',
    bodies: ['{"message":"first\\nsecond"}'],
    status: 200,
    subject: 'first',
    message: 'first\nsecond',
  },
  {
    row: 'message missing',
    because: 'as Kotlin: a ticket without text helps nobody',
    bodies: ['{"subject":"s"}', '{}'],
    ...REQUIRED,
  },
  {
    row: 'field null: subject',
    because: 'as Go, with a subject made',
    bodies: ['{"subject":null,"message":"m"}'],
    status: 200,
    subject: 'm',
    message: 'm',
  },
  { row: 'field null: message', because: 'as Kotlin', bodies: ['{"subject":"s","message":null}'], ...REQUIRED },
  {
    row: 'number or boolean for a string',
    because: 'as Go: "5" was not what was meant',
    bodies: ['{"message":5}', '{"message":false}', '{"message":"m","subject":7}', '{"message":"m","subject":true}'],
    ...WRONG_KIND,
  },
  {
    row: 'object or array for a string',
    bodies: ['{"message":{}}', '{"message":["m"]}', '{"message":"m","subject":{}}', '{"message":"m","subject":[]}'],
    ...WRONG_KIND,
  },
  {
    row: 'key in other letter case: message',
    because: 'as Kotlin: to us it is an unknown field, and no known client sends it',
    bodies: ['{"MESSAGE":"m"}', '{"Message":"m"}'],
    ...REQUIRED,
  },
  {
    row: 'key in other letter case: subject',
    because: 'as an unknown field, which is ignored',
    bodies: ['{"SUBJECT":"s","message":"m"}'],
    status: 200,
    subject: 'm',
    message: 'm',
  },
  {
    row: 'duplicate key',
    bodies: ['{"message":"a","subject":"a","message":"m","subject":"s"}'],
    status: 200,
    subject: 's',
    message: 'm',
  },
  { row: 'top-level null', because: 'as Kotlin: Go sent an empty ticket', bodies: ['null'], ...NOT_JSON },
  { row: 'top-level array or string', bodies: ['[]', '[{"message":"m"}]', '"m"', '5', 'true'], ...NOT_JSON },
  { row: 'empty body', bodies: ['', ' \r\n\t', '\ufeff'], ...NO_BODY },
  { row: 'malformed JSON', bodies: ['{"message":"m"', 'message=m', '{message:"m"}', "{'message':'m'}"], ...NOT_JSON },
  {
    row: 'invalid UTF-8',
    because: 'both replaced it; a 200 never stands for garbled text',
    bodies: [Buffer.from('{"message":"Gr\xfc\xdfe"}', 'latin1'), utf8('{"message":"ü"}').subarray(0, 13)],
    status: 400,
    code: 'NOT_UTF8',
    says: /UTF-8/,
  },
  {
    row: 'lone surrogate, and NUL',
    bodies: [String.raw`{"subject":"\udc00s\u0000","message":"a\ud800b\u0000 \ud83d\ude42"}`],
    status: 200,
    subject: '\ufffds',
    message: 'a\ufffdb 🙂',
  },
  {
    row: 'empty or blank message',
    because: 'both took it; only the web client looked',
    bodies: ['{"message":""}', '{"message":" \\n\\t"}', '{"subject":"s","message":"\\u0000"}', '{"message":"\\u00a0"}'],
    ...REQUIRED,
  },
]

for (const { row, because, bodies, ...expected } of rows) {
  test(`1.2, ${row}: ${expected.status}${because ? `, ${because}` : ''}`, async () => {
    for (const body of bodies) {
      const storedBefore = at.count()
      const answer = await at.send(body, bearer())
      const shown = `${Buffer.from(body)} → ${answer.status} ${answer.text}`
      assert.equal(answer.status, expected.status, shown)
      if (expected.status === 200) {
        assert.deepEqual([answer.text, answer.headers['content-type']], ['{}', 'application/json; charset=utf-8'])
        const { subject, message } = await at.delivered(answer)
        assert.deepEqual({ subject, message }, { subject: expected.subject, message: expected.message }, shown)
        assert.equal(at.count(), storedBefore + 1)
      } else {
        const { code, why } = errorOf(answer)
        assert.equal(code, expected.code, shown)
        assert.match(why, expected.says)
        assert.equal(at.count(), storedBefore, 'nothing is stored, so nothing can be delivered')
      }
    }
  })
}
