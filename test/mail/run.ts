/** Mail through a server that nobody here wrote (`npm run prove:mail`): its TLS, its limits and its refusals, and behind it a mailbox that shows what became
 *  of each mail on the way. */
import assert from 'node:assert/strict'
import email from '../../src/destinations/email.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { isOutcome, type MailStep, type OutgoingEvent, type Settings } from '../../src/domain/destination.ts'
import { createSmtpTransport } from '../../src/transport/smtp.ts'
import { hostile } from '../contracts/hostile.ts'
import { AT, createdEvent } from '../contracts/outgoing.ts'
import { startMailServer } from '../support/mail-server.ts'
import { checkMail } from './check.ts'
import { LIMIT_BYTES, missing, startPostfix } from './postfix.ts'

const lacking = missing()
if (lacking !== undefined) {
  console.log(`Nothing was proven. ${lacking}`)
  process.exit(1)
}

const mailbox = await startMailServer({ maxClients: 200 })
const postfix = await startPostfix(mailbox.port)
const transport = createSmtpTransport({
  allow: ['127.0.0.0/8'],
  clock: systemClock,
  ca: postfix.certificate,
  resolve: async () => ['127.0.0.1'],
})

let count = 0
const send = async (settings: Settings, event: OutgoingEvent = createdEvent()) => {
  count += 1
  const given = { from: 'support@example.org', to: 'desk@example.org', ...settings }
  const step = email.start({ ...event, deliveryId: `d-${count}` }, given, { level: 'rich', at: AT })
  assert.ok(step.method === 'MAIL')
  const answer = await transport.send(step, { timeoutMs: 15_000 })
  const outcome = email.next(step, answer, AT)
  assert.ok(isOutcome(outcome))
  return { step, outcome, said: answer.kind === 'answer' ? answer.body : answer.detail }
}

const sent: MailStep[] = []
const deliver = async (settings: Settings, event?: OutgoingEvent): Promise<void> => {
  const { step, outcome, said } = await send(settings, event)
  assert.equal(outcome.kind, 'delivered', said)
  sent.push(step)
}

const refused = async (what: string, expected: string, settings: Settings, event?: OutgoingEvent): Promise<void> => {
  const { outcome, said } = await send(settings, event)
  console.log(`${what}: ${outcome.kind}. ${said.replaceAll('\n', ' ').slice(0, 180)}`)
  assert.equal(outcome.kind, expected)
}

try {
  const { plain, startTls, tls } = postfix.ports
  const toPlain = { smtp: `smtp://receiver.test:${plain}` }
  const { user } = createdEvent().ticket
  for (const text of hostile) {
    const changes = { subject: text, message: text, user: { ...user, username: text, name: text } }
    await deliver(toPlain, createdEvent({ ticket: changes }))
  }
  await deliver(toPlain, createdEvent({ ticket: { message: 'x'.repeat(200_000) } }))
  await deliver({ smtp: `smtp://receiver.test:${startTls}` })
  await deliver({ smtp: `smtp://receiver.test:${startTls}?starttls=required` })
  await deliver({ smtp: `smtps://receiver.test:${tls}` })
  await mailbox.seen(sent.length)
  for (const step of sent) {
    const received = mailbox.received.filter(({ mail }) => mail.messageId === `<${step.messageId}>`)
    assert.equal(received.length, 1)
    checkMail(received[0] ?? assert.fail(), step, ['received'])
  }
  console.log(
    `${sent.length} mails taken, passed on once each, and read as they were meant, hostile text in every field`,
  )

  await refused('a recipient of nobody', 'unavailable', { ...toPlain, to: 'desk@elsewhere.example' })
  await refused(
    'a mail above its limit',
    'refused',
    toPlain,
    createdEvent({ ticket: { message: 'x'.repeat(LIMIT_BYTES) } }),
  )
  await refused('no TLS where it is required', 'unavailable', {
    smtp: `smtp://receiver.test:${plain}?starttls=required`,
  })
  await refused('a certificate for another name', 'unavailable', { smtp: `smtps://elsewhere.test:${tls}` })
  await refused('a login that is not offered', 'unavailable', {
    ...toPlain,
    username: 'relay',
    password: 'correct-horse',
  })
  await refused('smtps:// where TLS does not come first', 'retry', { smtp: `smtps://receiver.test:${plain}` })
  await refused('smtp:// where TLS comes first', 'retry', { smtp: `smtp://receiver.test:${tls}` })
  assert.equal(mailbox.received.length, sent.length)
} finally {
  await transport.close()
  await postfix.stop()
  await mailbox.close()
}
