/** Sending one mail to a real mail server, or to one that follows a script of the test's. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { SMTPServerOptions } from 'smtp-server'
import { systemClock } from '../../src/domain/clock.ts'
import type { MailStep } from '../../src/domain/destination.ts'
import type { Answer, Failure } from '../../src/domain/outcome.ts'
import { createSmtpTransport, type SmtpTransportOptions } from '../../src/transport/smtp.ts'
import { type MailServer, startMailServer } from './mail-server.ts'

const LOOPBACK = ['127.0.0.0/8']
export const PASSWORD = 'correct-horse-battery'

export const mail = (port: number, changes: Partial<MailStep> = {}): MailStep => ({
  method: 'MAIL',
  url: `smtp://127.0.0.1:${port}`,
  needsTls: false,
  login: null,
  from: 'support@example.org',
  to: 'desk@example.org',
  replyTo: { name: 'Ada', address: 'ada@example.org' },
  subject: 'My subject',
  messageId: 'delivery-1@example.org',
  inReplyTo: null,
  at: 1_764_028_800_000,
  headers: { 'auto-submitted': 'auto-generated' },
  body: 'It broke.',
  html: '<p>It broke.</p>',
  ...changes,
})

export const serve = async (t: TestContext, options: SMTPServerOptions = {}): Promise<MailServer> => {
  const server = await startMailServer(options)
  t.after(() => server.close())
  return server
}

/** A server that does with each connection what the test says. */
export const scripted = async (t: TestContext, onSocket: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => server.close(resolve))
  })
  return (server.address() as AddressInfo).port // it listens on TCP
}

/** One that answers each line with what the test says, if anything. */
export const answering = (t: TestContext, greeting: string, answer: (line: string) => string | null): Promise<number> =>
  scripted(t, socket => {
    socket.write(`${greeting}\r\n`)
    socket.on('data', data => {
      for (const line of data.toString().split('\r\n').filter(Boolean)) {
        const said = answer(line)
        if (said !== null) socket.write(`${said}\r\n`)
      }
    })
  })

export const transportFor = (t: TestContext, options: Partial<SmtpTransportOptions> = {}) => {
  const transport = createSmtpTransport({ allow: LOOPBACK, clock: systemClock, ...options })
  t.after(() => transport.close())
  return transport
}

export const send = (t: TestContext, step: MailStep, options: Partial<SmtpTransportOptions> = {}, timeoutMs = 5_000) =>
  transportFor(t, options).send(step, { timeoutMs })

export const answered = (answer: Answer, status: number, command: string): string => {
  assert.ok(answer.kind === 'answer', JSON.stringify(answer))
  assert.deepEqual([answer.status, answer.headers.command], [status, command], answer.body)
  assert.ok(!answer.body.includes(PASSWORD))
  return answer.body
}
export const failed = (answer: Answer, failure: Failure): string => {
  assert.ok(answer.kind === 'no-answer', JSON.stringify(answer))
  assert.equal(answer.failure, failure, answer.detail)
  return answer.detail
}
