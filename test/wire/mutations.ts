/** Valid requests and what a seed makes of them: the same in every run. */
import { BEARER, body, get, LAST } from './wire.ts'

/** Stands for the token while a request is mutated: in its four hundred letters most changes would say the same. */
const TOKEN = '\x1f'
const ticket = (more: string, content: string) =>
  `POST /api/support/ticket HTTP/1.1\r\nHost: x\r\n${TOKEN}User-Agent: a\r\n${more}\r\n${content}`
const TEXT =
  '{"subject":"s","message":"Gr\xc3\xbc\xc3\x9fe \\ud83d\\ude42","type":"BUG","context":{"page":"/app","n":[1,-0.5e3,null]}}'
const sized = (content: string, more = '') => ticket(`${more}Content-Length: ${content.length}\r\n`, content)

const VALID = [
  sized(TEXT, 'Content-Type: application/json; charset=utf-8\r\nPrefer: return=representation\r\n'),
  sized(body('m'), 'Job-Id: one\r\nProject: p\r\nAccept-Encoding: gzip\r\n') + LAST,
  ticket(
    'Transfer-Encoding: chunked\r\n',
    `8;a=b\r\n${TEXT.slice(0, 8)}\r\n${(TEXT.length - 8).toString(16)}\r\n${TEXT.slice(8)}\r\n0\r\nX: y\r\n\r\n`,
  ),
  get('GET //api/support/ticket?a=b&c=%20 HTTP/1.1', 'Cookie: a=b; c="d"\r\n') + get('GET /status HTTP/1.1'),
  get('GET /livez HTTP/1.0', 'Connection: keep-alive, x\r\n') + sized(body('m')),
  sized(body('nobody')).replace(TOKEN, ''),
]

const FRAGMENTS = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\0',
    ' ',
    '\t',
    ':',
    ';',
    ',',
    '"',
    '%',
    '%00',
    '/',
    '..',
    '#',
    '{',
    '}',
    '[[[[',
    '\\u0000',
    '\xff\xfe',
  ],
  ...['\r\n\r\n', '0\r\n\r\n', 'Transfer-Encoding: chunked\r\n', 'Content-Length: 7\r\n', 'Expect: 100-continue\r\n'],
  ...[
    'Connection: close\r\n',
    'Content-Encoding: br\r\n',
    '99999999999999999999',
    '-1',
    'HTTP/1.0\r\n',
    'x'.repeat(5_000),
  ],
]

/** mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c): fractions from a seed. */
const fractions = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

/** The request that `seed` stands for, as latin1 text. */
export const mutated = (seed: number): string => {
  const fraction = fractions(seed)
  const below = (count: number) => Math.floor(fraction() * count)
  const pick = (list: readonly string[]) => list[below(list.length)] ?? ''
  const flip = (text: string) => {
    const at = below(text.length)
    return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << below(8))) + text.slice(at + 1)
  }
  const ways: ((text: string, at: number, length: number) => string)[] = [
    text => flip(flip(text)),
    text => flip(text),
    (text, at, length) => text.slice(0, at) + text.slice(at + length),
    (text, at, length) => text.slice(0, at + length) + text.slice(at),
    (text, at) => text.slice(0, at) + pick(FRAGMENTS) + text.slice(at),
    (text, at) => text.slice(0, at) + pick(VALID).slice(below(300)),
    (text, at) => text.slice(0, at),
    () => Array.from({ length: 1 + below(300) }, () => String.fromCharCode(below(256))).join(''),
  ]
  let text = pick(VALID)
  for (let left = 1 + below(2); left > 0 && text !== ''; left -= 1) {
    text = ways[below(ways.length)]?.(text, below(text.length), 1 + below(40)) ?? text
  }
  return text.replaceAll(TOKEN, BEARER)
}
