/** Request lines and header lines as nobody should write them. */
import { CARRIER, type Case, runCorpus, SMUGGLED } from './corpus.ts'
import { BEARER, get, LAST, ticket } from './wire.ts'

const livez = (more: string) => get('GET /livez HTTP/1.1', more)
const SIZED = `Content-Length: ${CARRIER.length}\r\n`

const cases: Case[] = [
  ['lines ended by LF', `GET /livez HTTP/1.1\nHost: x\n\n${SMUGGLED}`, [400]],
  ['one line ended by LF', `GET /livez HTTP/1.1\r\nHost: x\nX: y\r\n\r\n${SMUGGLED}`, [400]],
  ['a request behind an LF in a header', livez(`X: y\n\n${SMUGGLED}\r\n`), [400]],
  ['a line ended by CR', `GET /livez HTTP/1.1\r\nHost: x\rX: y\r\n\r\n${SMUGGLED}`, [400]],
  ['a head ended by CR', `GET /livez HTTP/1.1\r\nHost: x\r\n\r${SMUGGLED}`, [400]],
  ['a line ended by CR CR LF', `GET /livez HTTP/1.1\r\nHost: x\r\r\n\r\n${SMUGGLED}`, [400]],
  ['NUL in a header', livez('X: a\0b\r\n') + SMUGGLED, [400]],
  ['NUL in the name of a header', livez('X\0: b\r\n') + SMUGGLED, [400]],
  ['NUL in the path', get('GET /li\0vez HTTP/1.1') + SMUGGLED, [400]],
  ['a control character in a header', livez('X: a\x01b\r\n') + SMUGGLED, [400]],
  ['a space before a colon', livez('X : b\r\n') + SMUGGLED, [400]],
  ['a header without a name', livez(': b\r\n') + SMUGGLED, [400]],
  ['a header without a colon', livez('Xb\r\n') + SMUGGLED, [400]],
  ['a folded header', livez('X: b\r\n c\r\n') + SMUGGLED, [400]],
  ['a folded first header', `GET /livez HTTP/1.1\r\n Host: x\r\n\r\n${SMUGGLED}`, [400]],
  ['999 headers beside the Host', livez('X: y\r\n'.repeat(999)) + LAST, [200, 200]],
  // Node used to leave out, in silence, what came behind the two thousandth: a token, a length, a coding.
  [
    'a coding behind 5,000 headers',
    ticket(`${'X: y\r\n'.repeat(5_000)}Transfer-Encoding: chunked\r\n`, SMUGGLED),
    [431],
  ],

  ['two tokens, the first of which counts', ticket(`Authorization: Bearer x\r\n${SIZED}`, CARRIER) + LAST, [200, 200]],
  // RFC 9112, 3.2: a server must answer these with 400.
  ['two Hosts', livez('Host: y\r\n') + LAST, [400, 200]],
  ['the same Host twice', livez('hOST: x\r\n') + LAST, [400, 200]],
  ['a Host with a space', livez('').replace('Host: x', 'Host: a b') + LAST, [400, 200]],
  ['a Host with a path', livez('').replace('Host: x', 'Host: a/b') + LAST, [400, 200]],
  ['a Host with a user', livez('').replace('Host: x', 'Host: a@b') + LAST, [400, 200]],
  ['a Host with two names', livez('').replace('Host: x', 'Host: a, b') + LAST, [400, 200]],
  ['an empty Host', livez('').replace('Host: x', 'Host:') + LAST, [200, 200]],
  ['a Host of IPv6', livez('').replace('Host: x', 'Host: [::1]:8080') + LAST, [200, 200]],
  ['no Host', `GET /livez HTTP/1.1\r\n\r\n${LAST}`, [400, 200]],

  ['a target with scheme and host', get('GET http://x/livez HTTP/1.1') + LAST, [200, 200]],
  ['a target at another host', get('GET http://other.example/livez HTTP/1.1') + LAST, [200, 200]],
  [
    'a ticket for a target with scheme and host',
    `POST http://x/api/support/ticket HTTP/1.1\r\nHost: x\r\n${BEARER}${SIZED}\r\n${CARRIER}${LAST}`,
    [200, 200],
  ],
  ['a target of host and port', get('GET x:80 HTTP/1.1') + SMUGGLED, [400]],
  ['a target without a slash', get('GET livez HTTP/1.1') + SMUGGLED, [400]],
  ['a tunnel', get('CONNECT x:80 HTTP/1.1') + SMUGGLED, [400]],
  ['a tunnel to a path', get('CONNECT /livez HTTP/1.1') + SMUGGLED, [400]],
  ['TRACE', get('TRACE /livez HTTP/1.1') + LAST, [405, 200]],
  ['OPTIONS of everything', get('OPTIONS * HTTP/1.1') + LAST, [405, 200]],
  ['the preface of HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0${SMUGGLED}`, [400]],
  ['HTTP/0.9 as it was', `GET /livez\r\n${SMUGGLED}`, [400]],
  ['HTTP/0.9 by name', get('GET /livez HTTP/0.9') + LAST, [400]],
  ['HTTP/1.2', get('GET /livez HTTP/1.2') + SMUGGLED, [400]],
  ['HTTP/2.0', get('GET /livez HTTP/2.0') + LAST, [400]],
  ['HTTP/9.9', get('GET /livez HTTP/9.9') + SMUGGLED, [400]],
  ['HTTP/1', get('GET /livez HTTP/1') + SMUGGLED, [400]],
  ['HTTPS/1.1', get('GET /livez HTTPS/1.1') + SMUGGLED, [400]],
  ['http in small letters', get('GET /livez http/1.1') + SMUGGLED, [400]],
  ['an upgrade to HTTP/2', livez('Connection: Upgrade\r\nUpgrade: h2c\r\n'), [200]],
  [
    'an upgrade to a web socket',
    livez('Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'),
    [200],
  ],
  ['the first bytes of TLS', `\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03${'B'.repeat(160)}`, [400]],
  ['a method in small letters', get('get /livez HTTP/1.1') + SMUGGLED, [400]],
  ['a method of 100,000 letters', get(`${'G'.repeat(100_000)} /livez HTTP/1.1`) + SMUGGLED, [400]],
  ['no method', get(' /livez HTTP/1.1') + SMUGGLED, [400]],
  ['tabs in the request line', get('GET\t/livez\tHTTP/1.1') + SMUGGLED, [400]],
  ['two spaces in the request line', get('GET  /livez HTTP/1.1') + LAST, [200, 200]],
  ['a space in the path', get('GET /livez x HTTP/1.1') + SMUGGLED, [400]],
]

runCorpus(cases)
