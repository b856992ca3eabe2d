import assert from 'node:assert/strict'
import test from 'node:test'
import { readJsonObject } from './body.ts'

const TEXT = '{"message":"m"}'
const SPECIAL = '{"message":"Grüße € 🙂"}'
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()
const bytes = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding)

const read: [what: string, body: Uint8Array, contentType: string | undefined, message: unknown][] = [
  ['UTF-8', bytes(SPECIAL), undefined, 'Grüße € 🙂'],
  ['UTF-8 with its mark', bytes(`\ufeff${SPECIAL}`), undefined, 'Grüße € 🙂'],
  ['UTF-8 under the name of another charset', bytes(SPECIAL), 'text/plain; charset=iso-8859-1', 'Grüße € 🙂'],
  ['UTF-16, little end first, with its mark', bytes(`\ufeff${SPECIAL}`, 'utf16le'), undefined, 'Grüße € 🙂'],
  ['UTF-16, big end first, with its mark', utf16be(`\ufeff${SPECIAL}`), undefined, 'Grüße € 🙂'],
  ['UTF-16 whose mark and name differ: the mark', utf16be(`\ufeff${SPECIAL}`), 'a/b; charset=utf-16le', 'Grüße € 🙂'],
  ['UTF-16 without a mark that says so', bytes(SPECIAL, 'utf16le'), 'a/b; charset=UTF-16', 'Grüße € 🙂'],
  ['the same in plain letters, which is UTF-8 with NULs', bytes(TEXT, 'utf16le'), 'a/b; charset=utf-16le', 'm'],
  ['the same, big end first', utf16be(TEXT), 'a/b; charset="utf-16be"', 'm'],
  ['Latin-1 that says so', bytes('{"message":"Grüße"}', 'latin1'), 'x; charset=ISO-8859-1', 'Grüße'],
  ['duplicate keys: the last', bytes('{"message":1,"message":"m"}'), undefined, 'm'],
  ['white space around', bytes(`\r\n\t ${TEXT} \n`), undefined, 'm'],
  ['a mark and then white space', bytes(`\ufeff ${TEXT}`), undefined, 'm'],
  ['a key that names no field', bytes('{"__proto__":{"message":"no"},"message":"m"}'), undefined, 'm'],
]
for (const [what, body, contentType, message] of read) {
  test(`read: ${what}`, () => {
    const result = readJsonObject(body, contentType)
    assert.equal('fields' in result && result.fields.message, message)
  })
}

const refused: [what: string, body: Uint8Array, contentType: string | undefined, code: string][] = [
  ['Latin-1 that does not say so', bytes('{"message":"Grüße"}', 'latin1'), 'application/json', 'NOT_UTF8'],
  ['Latin-1 that says it is UTF-8', bytes('{"message":"ü"}', 'latin1'), 'a/b; charset=utf-8', 'NOT_UTF8'],
  ['a charset without meaning', bytes('{"message":"ü"}', 'latin1'), 'a/b; charset=x-user-defined', 'NOT_UTF8'],
  ['an unknown charset', bytes('{"message":"ü"}', 'latin1'), 'a/b; charset=klingon', 'NOT_UTF8'],
  ['a letter cut in two', bytes('{"message":"ü').subarray(0, 13), undefined, 'NOT_UTF8'],
  ['a surrogate in UTF-8', Buffer.from('7b226d223a22eda08022 7d'.replace(' ', ''), 'hex'), undefined, 'NOT_UTF8'],
  ['half of a UTF-16 unit', bytes(`\ufeff${TEXT}`, 'utf16le').subarray(0, 21), undefined, 'NOT_UTF8'],
  ['UTF-16 in plain letters that says nothing', bytes(TEXT, 'utf16le'), undefined, 'INVALID_BODY'],
  ['a NUL between the fields', bytes(`\u0000${TEXT}`), 'a/b; charset=utf-8', 'INVALID_BODY'],
  ['nothing', bytes(''), undefined, 'INVALID_BODY'],
  ['a mark and nothing', bytes('\ufeff'), undefined, 'INVALID_BODY'],
  ['two objects', bytes(TEXT + TEXT), undefined, 'INVALID_BODY'],
  ['a comment', bytes(`${TEXT} // hello`), undefined, 'INVALID_BODY'],
]
for (const [what, body, contentType, code] of refused) {
  test(`refused, never garbled: ${what}`, () => {
    const result = readJsonObject(body, contentType)
    assert.equal('problem' in result && result.problem.code, code)
  })
}
