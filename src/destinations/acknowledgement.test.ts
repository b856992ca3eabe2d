/** The mail to whoever wrote a ticket: to whom, what it says and never says, and what a server's answers mean for the others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { destinationContract } from '../../test/contracts/destination.ts'
import { hostile, longTexts } from '../../test/contracts/hostile.ts'
import { AT, bareEvent, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import type { MailStep, OutgoingEvent, Settings } from '../domain/destination.ts'
import type { Outcome } from '../domain/outcome.ts'
import acknowledgement from './acknowledgement.ts'

const settings = { smtp: 'smtp://mail.example.org:587', from: 'support@example.org', replyTo: 'desk@example.org' }

const row = (command: string, line: string, kind: 'retry' | 'refused' | 'unavailable') =>
  [
    { status: Number(line.slice(0, 3)), headers: { command }, body: `What we say: ${line}` },
    { kind, reason: `email-${line.slice(0, 3)}` } satisfies Outcome,
  ] as const

destinationContract(acknowledgement, settings, {
  isMail: true,
  read: body => body,
  answers: [
    [{ status: 250, headers: { command: 'MESSAGE' }, body: '250 2.0.0 queued' }, { kind: 'delivered' }],
    row('RCPT', '550 5.1.1 No such user', 'refused'),
    row('RCPT', '550 No such user', 'refused'),
    row('RCPT', '551 User not local', 'refused'),
    row('RCPT', '552 5.2.2 Mailbox full', 'refused'),
    row('RCPT', '553 5.1.3 Bad address', 'refused'),
    row('RCPT', '556 5.1.10 Domain takes no mail', 'refused'),
    row('RCPT', '450 4.2.0 Greylisted', 'retry'),
    row('RCPT', '452 4.2.2 Mailbox full', 'retry'),
    row('RCPT', '554 5.7.1 Relay access denied', 'unavailable'),
    row('RCPT', '530 Authentication required', 'unavailable'),
    row('MESSAGE', '550 5.1.1 Gone', 'refused'),
    row('MESSAGE', '552 5.2.2 Over quota', 'refused'),
    row('MESSAGE', '550 5.7.26 Unauthenticated mail from this domain', 'unavailable'),
    row('MESSAGE', '550 5.7.1 Looks like spam', 'refused'),
    row('MAIL', '550 5.7.1 Sender rejected', 'unavailable'),
    row('AUTH', '535 5.7.8 Authentication credentials invalid', 'unavailable'),
    row('GREETING', '554 5.7.1 Blocked by our list', 'unavailable'),
  ],
})

const start = (event: OutgoingEvent, given: Settings = settings): MailStep => {
  const step = acknowledgement.start(event, given, { level: 'rich', at: AT })
  assert.ok(step.method === 'MAIL')
  return step
}
const from = (email: string | null) => createdEvent({ ticket: { user: { ...createdEvent().ticket.user, email } } })

test('it goes to the address of the token, from us, and answers go to the team', () => {
  const { to, from, replyTo, subject, body } = start(createdEvent())
  assert.deepEqual([to, from], ['ada@sdu.dk', 'support@example.org'])
  assert.deepEqual(replyTo, { name: '', address: 'desk@example.org' })
  assert.equal(subject, `[${createdEvent().ticket.reference}] We have your message`)
  assert.match(body, /Answers to this mail reach the team\./)
  assert.ok(body.includes(`Reference: ${createdEvent().ticket.reference}\n`))
})

test('where nobody reads answers it says so', () => {
  const step = start(createdEvent(), { smtp: settings.smtp, from: settings.from })
  assert.equal(step.replyTo, null)
  assert.match(step.body, /Nobody reads answers to this mail\./)
})

test('nothing that anybody typed is in it: the same mail whatever stands in the ticket, but for reference and link', () => {
  const plain = start(createdEvent())
  const { user } = createdEvent().ticket
  for (const text of [...hostile, ...longTexts]) {
    const changed = createdEvent({
      ticket: {
        subject: text,
        message: text,
        user: { ...user, username: text, name: text, organization: text },
        technical: { requestId: text, userAgent: text },
        context: { page: text },
        project: { id: text, listed: true },
      },
    })
    assert.deepEqual(start(changed), plain)
  }
  const said = 'Buy at https://evil.example'
  const reply = start(commentedEvent({ event: { message: said }, ticket: { message: said } }))
  assert.ok(!JSON.stringify(reply).includes('evil'), 'not what staff answered either')
})

test('what is no plain address of a person gets nothing: the mail goes to our own mailbox', () => {
  for (const address of [
    ...hostile,
    'a@b@c.example',
    'a@example.org, b@example.org',
    'a@example.org\r\nBcc: b@c.example',
    'no-reply@example.org',
    'mailer-daemon@example.org',
    null,
  ])
    assert.equal(start(from(address)).to, 'desk@example.org', JSON.stringify(address))
  assert.equal(start(bareEvent(), { smtp: settings.smtp, from: settings.from }).to, 'support@example.org')
})

test('machines see that a machine wrote it, and that nobody waits for their answer', () => {
  const { headers, hasNoReturnPath, inReplyTo } = start(createdEvent())
  assert.equal(headers['auto-submitted'], 'auto-replied')
  assert.equal(headers['x-auto-response-suppress'], 'All')
  assert.equal(headers.precedence, 'bulk')
  assert.deepEqual([hasNoReturnPath, inReplyTo], [true, null])
})

test('a server with a login lets us send as its owner only, so the return path is ours', () => {
  const step = start(createdEvent(), { ...settings, username: 'relay', password: 'correct horse' })
  assert.deepEqual([step.hasNoReturnPath, step.login?.username], [false, 'relay'])
})
