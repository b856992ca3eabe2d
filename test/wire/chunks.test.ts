/** Chunks, their extensions and trailers, and what stands behind a request in the same packet. */
import { CARRIER, type Case, runCorpus, SMUGGLED } from './corpus.ts'
import { BEARER, get, LAST, sized, ticket } from './wire.ts'

const HEX = CARRIER.length.toString(16)
const chunked = (content: string) => ticket('Transfer-Encoding: chunked\r\n', content)
/** The carrier in one chunk whose first line is `line`. */
const under = (line: string) => chunked(`${line}\r\n${CARRIER}\r\n0\r\n\r\n`)
const trailed = (trailer: string) => chunked(`${HEX}\r\n${CARRIER}\r\n0\r\n${trailer}\r\n\r\n`)
const UPGRADE = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n'
const upgrade = get('GET /livez HTTP/1.1', UPGRADE)
const upgradeTicket = ticket(`${UPGRADE}Content-Length: ${CARRIER.length}\r\n`, CARRIER)
const holding = get('POST /nowhere HTTP/1.1', `Content-Length: ${SMUGGLED.length + 3}\r\n`)

const cases: Case[] = [
  ['a chunk size that is no number', under('xyz') + SMUGGLED, [400]],
  ['no chunk size', under('') + SMUGGLED, [400]],
  ['a negative chunk size', under(`-${HEX}`) + SMUGGLED, [400]],
  ['a chunk size with a plus', under(`+${HEX}`) + SMUGGLED, [400]],
  ['a chunk size with 0x', under(`0x${HEX}`) + SMUGGLED, [400]],
  ['a chunk size beyond 64 bits', under('ffffffffffffffffffff') + SMUGGLED, [400]],
  ['a chunk size that is right modulo 64 bits', under(`1000000000000000${HEX}`) + SMUGGLED, [400]],
  ['a space before a chunk size', under(` ${HEX}`) + SMUGGLED, [400]],
  ['a space behind a chunk size', under(`${HEX} `) + SMUGGLED, [400]],
  ['a chunk that is longer than its size', under((CARRIER.length - 1).toString(16)) + SMUGGLED, [400]],
  ['a chunk that is shorter than its size', under((CARRIER.length + 1).toString(16)) + SMUGGLED, [400]],
  ['a chunk size ended by LF', chunked(`${HEX}\n${CARRIER}\r\n0\r\n\r\n`) + SMUGGLED, [400]],
  ['a chunk ended by LF', chunked(`${HEX}\r\n${CARRIER}\n0\r\n\r\n`) + SMUGGLED, [400]],
  ['the last chunk ended by LF', chunked(`${HEX}\r\n${CARRIER}\r\n0\n\n`) + SMUGGLED, [400]],
  ['no last chunk', chunked(`${HEX}\r\n${CARRIER}\r\n`), [400]],
  ['chunk sizes with leading noughts', chunked(`000${HEX}\r\n${CARRIER}\r\n0000\r\n\r\n`) + LAST, [200, 200]],
  [
    'a chunk for every byte',
    chunked(`${[...CARRIER].map(one => `1\r\n${one}\r\n`).join('')}0\r\n\r\n`) + LAST,
    [200, 200],
  ],
  ['a chunk extension', under(`${HEX};a=b;c="d"`) + LAST, [200, 200]],
  ['a chunk extension with an LF in it', under(`${HEX};a\n`) + SMUGGLED, [400]],
  ['a request in a quoted chunk extension', under(`${HEX};a="\r\n0\r\n\r\n${SMUGGLED}"`), [400]],
  ['a chunk extension of 20 kB', under(`${HEX};a=${'b'.repeat(20_000)}`) + SMUGGLED, [400]],

  ['a trailer', trailed('X: y') + LAST, [200, 200]],
  ['a trailer with a length', trailed(`Content-Length: ${SMUGGLED.length}`) + SMUGGLED, [400]],
  ['a trailer with a coding', trailed('Transfer-Encoding: chunked') + SMUGGLED, [400]],
  ['a trailer without a colon', trailed('X') + SMUGGLED, [400]],
  ['a trailer with an LF in it', trailed('X: y\nZ: a') + SMUGGLED, [400]],
  ['a compression that is named in a trailer counts for nothing', trailed('Content-Encoding: gzip') + LAST, [200, 200]],
  ['a key in a trailer counts for nothing', trailed(`Idempotency-Key: ${'k'.repeat(300)}`) + LAST, [200, 200]],
  [
    'a token in a trailer counts for nothing',
    `${get('POST /api/support/ticket HTTP/1.1', 'Transfer-Encoding: chunked\r\n')}${HEX}\r\n${CARRIER}\r\n0\r\n${BEARER}\r\n${LAST}`,
    [401, 200],
  ],

  ['three requests in one packet', sized(CARRIER) + sized(CARRIER) + LAST, [200, 200, 200]],
  ['empty lines between requests', `\r\n${sized(CARRIER)}\r\n\r\n${LAST}`, [200, 200]],
  ['a request behind one that ends the connection', LAST + SMUGGLED, [200]],
  ['a request behind one that ends the connection, later', [LAST, SMUGGLED], [200]],
  [
    'a request whose head comes in three parts',
    ['POST /api/sup', sized(CARRIER).slice(13, 90), sized(CARRIER).slice(90)],
    [200],
  ],
  ['no request behind a ticket', `${sized(CARRIER)}x\r\n\r\n`, [200]],
  [
    'no request behind a ticket and one that is answered before it',
    `${sized(CARRIER)}${get('GET /livez HTTP/1.1')}x\r\n\r\n`,
    [200, 200],
  ],
  ['half a request behind a ticket', sized(CARRIER) + sized(CARRIER).slice(0, -3), [200]],
  ['a broken chunk behind two tickets', sized(CARRIER) + sized(CARRIER) + under('xyz') + SMUGGLED, [200, 200]],
  ['a tunnel behind a ticket', sized(CARRIER) + get('CONNECT x:80 HTTP/1.1') + SMUGGLED, [200]],
  // Node's parser drops what lies behind an upgrade in the same packet, and would take what comes later for a request.
  ['a request in two packets behind an upgrade', [`${upgrade}${holding}abc`, SMUGGLED], [200]],
  [
    'the same behind a path that cannot be decoded',
    [`${upgrade.replace('livez', '%zz')}${holding}abc`, SMUGGLED],
    [400],
  ],
  ['the same behind a ticket', [`${upgradeTicket}${holding}abc`, SMUGGLED], [200]],
  ['an upgrade whose body comes later', [upgradeTicket.slice(0, -10), upgradeTicket.slice(-10)], [200]],
]

runCorpus(cases)
