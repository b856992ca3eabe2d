/** What the tests of this folder send to a whole service byte by byte, and how they read what comes back. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { undocumentedError } from '../support/conformance.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { configurationFor, token } from '../support/service.ts'

/** A service whose limits are out of the way, with one destination that is as quick as it can be. */
export const startTarget = (): Promise<InProcess> =>
  startInProcess({
    configure: url =>
      configurationFor(url, 'limits: { ticketsPerUserPerHour: 100000 }').replace('[devsupport, archive]', '[archive]'),
  })

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const BEARER = `Authorization: Bearer ${token()}\r\n`
export const body = (message: string) => JSON.stringify({ message })

/** A request of a ticket; `more` are header lines, each with its end. */
export const ticket = (more: string, content: string, version = '1.1') =>
  `POST /api/support/ticket HTTP/${version}\r\nHost: x\r\n${BEARER}${more}\r\n${content}`
export const sized = (content: string) => ticket(`Content-Length: ${Buffer.byteLength(content)}\r\n`, content)
export const get = (line: string, more = '') => `${line}\r\nHost: x\r\n${more}\r\n`
/** Ends the connection once it is answered, so that nobody need guess whether more is to come. */
export const LAST = get('GET /livez HTTP/1.1', 'Connection: close\r\n')

/** Every answer in what a connection brought; fails on bytes that belong to none. */
export const answersIn = (received: string): Answer[] => {
  const answers: Answer[] = []
  for (let rest = received; rest !== ''; ) {
    const match = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest)
    assert.ok(match, `no answer begins with ${JSON.stringify(rest.slice(0, 200))}`)
    const lines = (match[2] ?? '').split('\r\n').filter(line => line !== '')
    const headers = Object.fromEntries(
      lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    )
    const end = match[0].length + Number(headers['content-length'] ?? 0)
    const answer = { status: Number(match[1]), headers, body: rest.slice(match[0].length, end) }
    if (answer.status >= 400 && answer.body !== '' && headers['content-type']?.startsWith('application/json'))
      assert.equal(undocumentedError(answer.status, Buffer.from(answer.body, 'latin1').toString()), undefined)
    answers.push(answer)
    rest = rest.slice(end)
  }
  return answers
}

/** What every answer but "100 Continue" owes whoever asked, well-meaning or not. */
export const assertDecent = ({ status, headers, body }: Answer, what: string): void => {
  assert.ok(status >= 200 && status < 500, `${what}: ${status} ${body}`)
  assert.match(headers['job-id'] ?? '', /^[A-Za-z0-9._:-]{1,128}$/, what)
  assert.equal(headers['x-content-type-options'], 'nosniff', what)
  if (status < 400) return
  assert.equal(headers['content-type'], 'application/json; charset=utf-8', what)
  const { why, errorCode, statusCode } = JSON.parse(body)
  assert.match(why, /^[A-Z].{10,}\.$/, what)
  assert.match(errorCode, /^[A-Z_0-9]+$/, what)
  assert.equal(statusCode, status, what)
}

/** Sends the bytes on a connection of their own, each part when the server has had time to read the one before, then ends its own
 *  side; resolves with all that came when the server has ended the other. A connection that breaks has ended. */
export const exchange = ({ address }: InProcess, ...parts: readonly (string | Buffer)[]): Promise<string> =>
  new Promise(resolve => {
    const { hostname, port } = new URL(address)
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true, noDelay: true })
    let received = ''
    socket.setEncoding('latin1').on('data', chunk => (received += chunk))
    socket.on('error', () => {})
    socket.once('end', () => socket.destroy())
    socket.once('close', () => resolve(received))
    const send = async () => {
      for (const part of parts) {
        socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part)
        // Another connection's answer: the server has been round its loop since, and has read what lay ready.
        if (parts.length > 1) await fetch(`${address}/livez`).then(answer => answer.text())
      }
      socket.end()
    }
    socket.once('connect', () => void send())
  })

/** The messages of all tickets in the store, in the order in which they were accepted. */
export const storedMessages = ({ folder }: InProcess): string[] => {
  const db = new DatabaseSync(join(folder, 'data', 'support-relay.db'), { readOnly: true })
  const rows = db.prepare('select message from tickets order by number').all()
  db.close()
  return rows.map(({ message }) => String(message))
}

/** The messages that reached the destination, in any order. */
export const deliveredMessages = ({ receiver }: InProcess): string[] =>
  receiver.received.map(({ body }) => JSON.parse(body).data.ticket.message)
