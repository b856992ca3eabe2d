/** Requests whose length can be read in two ways, by us and by a proxy in front of us: one reading, or none. */
import { CARRIER, type Case, runCorpus, SMUGGLED } from './corpus.ts'
import { get, LAST, ticket } from './wire.ts'

const SIZE = CARRIER.length
const chunk = (content: string) => `${content.length.toString(16)}\r\n${content}\r\n`
const CHUNKED = `${chunk(CARRIER)}0\r\n\r\n`
const length = (value: string, content = CARRIER) => ticket(`Content-Length: ${value}\r\n`, content)
const coded = (value: string) => ticket(`Transfer-Encoding: ${value}\r\n`, CHUNKED)

const cases: Case[] = [
  [
    'a length and chunks',
    ticket(`Content-Length: ${SIZE}\r\nTransfer-Encoding: chunked\r\n`, CHUNKED) + SMUGGLED,
    [400],
  ],
  ['chunks and a length', ticket('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', CHUNKED) + SMUGGLED, [400]],
  [
    'a length of nothing, and chunks',
    ticket('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`),
    [400],
  ],
  [
    'a length and the coding identity',
    ticket(`Transfer-Encoding: identity\r\nContent-Length: ${SIZE}\r\n`, CARRIER),
    [400],
  ],

  ['chunks', coded('chunked') + LAST, [200, 200]],
  ['chunks in capitals', coded('CHUNKED') + LAST, [200, 200]],
  ['chunks after two spaces', coded(' chunked') + LAST, [200, 200]],
  ['chunks after a tab', coded('\tchunked') + LAST, [200, 200]],
  ['chunks after a vertical tab', coded('\x0bchunked') + SMUGGLED, [400]],
  ['chunks before identity', coded('chunked, identity') + SMUGGLED, [400]],
  ['chunks after identity', coded('identity, chunked') + LAST, [200, 200]],
  ['chunks of what is compressed', coded('gzip, chunked') + LAST, [415, 200]],
  ['chunks, misspelt', coded('xchunked') + SMUGGLED, [400]],
  ['chunks and a word', coded('chunked x') + SMUGGLED, [400]],
  ['chunks in quotes', coded('"chunked"') + SMUGGLED, [400]],
  ['chunks and a comma', coded('chunked,') + SMUGGLED, [400]],
  ['chunks twice in one line', coded('chunked, chunked') + SMUGGLED, [400]],
  ['chunks twice in two lines', coded('chunked\r\nTransfer-Encoding: chunked') + SMUGGLED, [400]],
  ['chunks and then a coding that nobody knows', coded('chunked\r\nTransfer-Encoding: cow') + SMUGGLED, [400]],
  ['chunks on a folded line', coded('\r\n chunked') + SMUGGLED, [400]],
  ['no coding in its header', coded('') + SMUGGLED, [400]],
  ['a space before the colon of a coding', ticket('Transfer-Encoding : chunked\r\n', CHUNKED) + SMUGGLED, [400]],
  [
    'an underscore in the name of a coding',
    ticket(`Transfer_Encoding: chunked\r\nContent-Length: ${SIZE}\r\n`, CARRIER) + LAST,
    [200, 200],
  ],
  // RFC 9112, 6.1: the framing is taken to be faulty, and nothing behind it is read.
  [
    'chunks in HTTP/1.0',
    ticket('Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n', CHUNKED, '1.0') + SMUGGLED,
    [400],
  ],

  ['two lengths', length(`${SIZE}\r\nContent-Length: ${SIZE + SMUGGLED.length}`) + SMUGGLED, [400]],
  ['the same length twice', length(`${SIZE}\r\nContent-Length: ${SIZE}`) + SMUGGLED, [400]],
  ['the same length twice in one line', length(`${SIZE}, ${SIZE}`) + SMUGGLED, [400]],
  ['a negative length', length(`-${SIZE}`) + SMUGGLED, [400]],
  ['a length with a plus', length(`+${SIZE}`) + SMUGGLED, [400]],
  ['a length in hexadecimal', length(`0x${SIZE.toString(16)}`) + SMUGGLED, [400]],
  ['a length with a point', length(`${SIZE}.0`) + SMUGGLED, [400]],
  ['a length with a space in it', length('2 1') + SMUGGLED, [400]],
  ['a length with leading noughts', length(`000${SIZE}`) + LAST, [200, 200]],
  ['a length beyond 64 bits', length('99999999999999999999999') + SMUGGLED, [400]],
  ['a length that is right modulo 64 bits', length(String(2n ** 64n + BigInt(SIZE))) + SMUGGLED, [400]],
  ['an empty length', length('') + SMUGGLED, [400]],
  ['a space before the colon of a length', ticket(`Content-Length : ${SIZE}\r\n`, CARRIER) + SMUGGLED, [400]],
  ['a length on a folded line', length(`\r\n ${SIZE}`) + SMUGGLED, [400]],
  ['no length, and so no body', ticket('', '') + LAST, [400, 200]],
  ['a length of nothing', length('0', '') + LAST, [400, 200]],
  ['less than the length, and then the end', length(String(SIZE + 1)), [400]],
  ['a length that takes in the next request', length(String(SIZE + SMUGGLED.length)) + SMUGGLED + LAST, [400, 200]],

  [
    'a request in the body of a GET',
    get('GET /livez HTTP/1.1', `Content-Length: ${SMUGGLED.length}\r\n`) + SMUGGLED + LAST,
    [200, 200],
  ],
  [
    'a request in the body of an unknown address',
    get('POST /nowhere HTTP/1.1', `Content-Length: ${SMUGGLED.length}\r\n`) + SMUGGLED + LAST,
    [404, 200],
  ],
  [
    'a request in the body of a wrong method',
    get('PUT /livez HTTP/1.1', `Content-Length: ${SMUGGLED.length}\r\n`) + SMUGGLED + LAST,
    [405, 200],
  ],
  [
    'a request in the body of one without a token',
    get('POST /api/support/ticket HTTP/1.1', `Content-Length: ${SMUGGLED.length}\r\n`) + SMUGGLED + LAST,
    [401, 200],
  ],
  [
    'a request in the body of one with a path that cannot be decoded',
    get('POST /%zz HTTP/1.1', `Content-Length: ${SMUGGLED.length}\r\n`) + SMUGGLED + LAST,
    [400, 200],
  ],
  [
    'a request in a compressed body',
    ticket(`Content-Encoding: gzip\r\nContent-Length: ${SMUGGLED.length}\r\n`, SMUGGLED) + LAST,
    [415, 200],
  ],
]

runCorpus(cases)
