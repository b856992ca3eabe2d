/** Mail: what every kind promises, what stands in which header, and what a server's answers mean. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { destinationContract } from '../../test/contracts/destination.ts'
import { hostile, hostileMessages, longTexts } from '../../test/contracts/hostile.ts'
import { AT, bareEvent, commentedEvent, createdEvent, updatedEvent } from '../../test/contracts/outgoing.ts'
import type { MailStep, OutgoingEvent, Settings, StartOptions } from '../domain/destination.ts'
import type { Outcome } from '../domain/outcome.ts'
import email from './email.ts'

const settings = {
  smtp: 'smtp://mail.example.org:587?starttls=required',
  from: 'support@example.org',
  to: 'desk@example.org',
  username: 'relay',
  password: 'correct horse',
}

const delivered: Outcome = { kind: 'delivered' }
const retry = (code: number): Outcome => ({ kind: 'retry', reason: `email-${code}` })
const refused = (code: number): Outcome => ({ kind: 'refused', reason: `email-${code}` })
const unavailable = (code: number): Outcome => ({ kind: 'unavailable', reason: `email-${code}` })

const row = (command: string, line: string, outcome: (code: number) => Outcome) =>
  [
    { status: Number(line.slice(0, 3)), headers: { command }, body: `What we say: ${line}` },
    outcome(Number(line.slice(0, 3))),
  ] as const

destinationContract(email, settings, {
  isMail: true,
  read: body => body,
  answers: [
    row('MESSAGE', '250 2.0.0 Ok: queued as 4F1D', () => delivered),
    row('MESSAGE', '252 Cannot verify, but will try', () => delivered),
    row('GREETING', '421 4.3.2 Service not available', retry),
    row('GREETING', '554 5.7.1 Blocked by our list', unavailable),
    row('GREETING', '521 Host does not accept mail', unavailable),
    row('HELLO', '550 5.7.1 Who are you', unavailable),
    row('STARTTLS', '454 4.7.0 TLS not available', retry),
    row('STARTTLS', '500 5.5.1 Command unrecognized', unavailable),
    row('STARTTLS', '502 5.5.1 Command not implemented', unavailable),
    row('AUTH', '454 4.7.0 Temporary authentication failure', retry),
    row('AUTH', '534 5.7.9 Mechanism is too weak', unavailable),
    row('AUTH', '535 5.7.8 Authentication credentials invalid', unavailable),
    row('AUTH', '502 The server offers no login on this connection', unavailable),
    row('MAIL', '421 4.7.0 Too many connections', retry),
    row('MAIL', '450 4.7.1 Client host rejected: cannot find your hostname', retry),
    row('MAIL', '452 4.3.1 Insufficient system storage', retry),
    row('MAIL', '530 5.7.0 Must issue a STARTTLS command first', unavailable),
    row('MAIL', '550 5.7.1 Sender rejected', unavailable),
    row('MAIL', '552 5.3.4 Message size exceeds fixed limit', refused),
    row('MAIL', '552 The mail is larger than the server takes', refused),
    row('MAIL', '553 5.1.8 Domain of sender does not exist', unavailable),
    row('RCPT', '421 Closing', retry),
    row('RCPT', '450 4.2.0 Greylisted', retry),
    row('RCPT', '451 4.7.1 Greylisted, please come back later', retry),
    row('RCPT', '452 4.2.2 Mailbox full', retry),
    row('RCPT', '550 5.1.1 No such user', unavailable),
    row('RCPT', '552 5.2.2 Mailbox full', unavailable),
    row('RCPT', '553 5.6.7 Internationalized mailbox not allowed', unavailable),
    row('RCPT', '554 5.7.1 Relay access denied', unavailable),
    row('DATA', '451 4.3.0 Try again', retry),
    row('DATA', '554 5.5.1 No valid recipients', unavailable),
    row('MESSAGE', '421 4.4.2 Timed out', retry),
    row('MESSAGE', '451 4.7.1 Try again later', retry),
    row('MESSAGE', '452 4.3.1 Out of space', retry),
    row('MESSAGE', '550 5.7.1 Looks like spam', refused),
    row('MESSAGE', '550 5.1.1 Gone', unavailable),
    row('MESSAGE', '550 5.7.26 Unauthenticated mail from this domain', unavailable),
    row('MESSAGE', '552 5.2.2 Over quota', unavailable),
    row('MESSAGE', '552 5.2.3 Message length exceeds administrative limit', refused),
    row('MESSAGE', '552 5.3.4 Message too big', refused),
    row('MESSAGE', '552 Too large', refused),
    row('MESSAGE', '554 5.6.0 Content refused', refused),
    row('MESSAGE', '554 Transaction failed', refused),
    row('MESSAGE', '571 Delivery not authorized', refused),
    row('MESSAGE', '299 What', () => delivered),
    row('MESSAGE', '600 nonsense', retry),
  ],
})

const start = (event: OutgoingEvent, options: Partial<StartOptions> = {}, given: Settings = settings): MailStep => {
  const step = email.start(event, given, { level: 'rich', at: AT, ...options })
  assert.ok(step.method === 'MAIL')
  return step
}
const fromUser = (user: { name?: string | null; email?: string | null }) =>
  createdEvent({ ticket: { user: { ...createdEvent().ticket.user, ...user } } })

test('mail is from us and to the team; answers go to the user', () => {
  const { from, to, replyTo, url, needsTls, login } = start(createdEvent())
  assert.deepEqual([from, to], ['support@example.org', 'desk@example.org'])
  assert.deepEqual(replyTo, { name: 'Ada Lovelace', address: 'ada@sdu.dk' })
  assert.deepEqual([url, needsTls], ['smtp://mail.example.org:587', true])
  assert.deepEqual(login, { username: 'relay', password: 'correct horse' })
})

test('only one plain address can be answered to; what is none is left out, and the text says so', () => {
  const good = ['a@example.org', "o'hara+x@sub.example.org", 'A.B_c-d@EXAMPLE.org', 'anna@bücher.example']
  for (const address of good) {
    const step = start(fromUser({ email: address }))
    assert.equal(step.replyTo?.address, address.replace('EXAMPLE', 'example').replace('bücher', 'xn--bcher-kva'))
    assert.ok(!step.body.includes('does not reach the user'))
  }
  const bad = [
    ...hostile,
    '"eve@example.com RCPT TO: victim"@example.net',
    '"a b"@example.org',
    'a@b@c.example',
    'a@example.org, b@example.org',
    'a@example.org;b@example.org',
    'Ann <a@example.org>',
    'a@example.org\r\nBcc: b@example.org',
    'a\n@example.org',
    '.a@example.org',
    'a..b@example.org',
    'a.@example.org',
    '@example.org',
    'a@',
    'a',
    'a@-example.org',
    'a@[127.0.0.1]',
    'bjørn@example.org',
    `${'a'.repeat(65)}@example.org`,
    `a@${'b.'.repeat(130)}org`,
    null,
  ]
  for (const address of bad) {
    const step = start(fromUser({ email: address }))
    assert.equal(step.replyTo, null, JSON.stringify(address))
    assert.ok(step.body.includes('\nAn answer to this mail does not reach the user.'), JSON.stringify(address))
  }
})

test('hostile text leaves subject and names short lines of plain text', () => {
  for (const text of [
    ...hostile,
    ...longTexts,
    'Müller, Anna (IT) "Ops"',
    '=?utf-8?q?a=0D=0ABcc=3A_x=40example.org?=',
  ]) {
    const { subject, replyTo } = start({
      ...createdEvent({
        ticket: { subject: text, user: { ...createdEvent().ticket.user, name: text } },
      }),
    })
    for (const line of [subject, replyTo?.name ?? assert.fail()]) {
      assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|=\?/)
      assert.ok(line.isWellFormed())
    }
    assert.ok(subject.startsWith('[SUP-7K3F-Q2MX]') && subject.length <= 150)
    assert.ok((replyTo?.name ?? '').length <= 80)
  }
})

test('the HTML holds no tag, link or image that a user wrote', () => {
  const ours =
    /<\/?(?:!doctype html|html lang="en"|html|body|p|p dir="auto"|strong|table cellpadding="2"|table|tr|td|td dir="auto"|hr|div|div dir="auto" style="white-space: pre-wrap"|a|a href="https:\/\/support\.example\.org\/console\/[0-9a-f-]+")>/g
  for (const text of [...hostile, ...hostileMessages.filter(({ length }) => length < 60_000)]) {
    const user = { ...createdEvent().ticket.user, username: text, name: text, email: text }
    const { html } = start(createdEvent({ ticket: { subject: text, message: text, user } }))
    if (html === null) continue
    assert.doesNotMatch(html.replace(ours, ''), /[<>]/)
    assert.ok(html.isWellFormed())
  }
})

test('a message that is too long for twice is sent as text alone', () => {
  const html = (length: number) => start(createdEvent({ ticket: { message: 'x'.repeat(length) } })).html
  assert.ok(html(60_000)?.includes('x'.repeat(60_000)))
  assert.equal(html(70_000), null)
})

test('a mail has the same id on every attempt and level, and what follows names the first', () => {
  const first = start(createdEvent())
  assert.equal(first.messageId, '0199c0de-0000-7000-8000-000000000001-1-support@example.org')
  assert.equal(first.inReplyTo, null)
  for (const options of [{ at: AT + 90_000 }, { level: 'minimal' }, { mayBeThere: true }] as const)
    assert.equal(start(createdEvent(), options).messageId, first.messageId)
  for (const event of [commentedEvent(), updatedEvent()]) {
    const later = start(event)
    assert.equal(later.inReplyTo, first.messageId)
    assert.notEqual(later.messageId, first.messageId)
    assert.equal(later.subject, `Re: ${first.subject}`)
  }
})

test('machines see that a machine wrote it', () => {
  const headers = { 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All' }
  assert.deepEqual(start(createdEvent()).headers, {
    ...headers,
    'x-support-relay': 'SUP-7K3F-Q2MX',
    'x-ticket-type': 'BUG',
  })
  const notice = { id: 'alert-1', type: 'support.alert', at: AT, headline: 'It is down', text: 'Look.' } as const
  const step = email.notice(notice, settings, { at: AT })
  assert.ok(step.method === 'MAIL')
  assert.deepEqual(step.headers, { ...headers, 'x-support-relay': 'support.alert' })
  assert.deepEqual([step.subject, step.body], ['It is down', 'It is down\n\nLook.'])
  assert.deepEqual([step.messageId, step.replyTo, step.html], ['alert-1@example.org', null, null])
})

test('the text is complete on its own; the message comes last, as it was written', () => {
  const message = 'Message:\n\nUsername: somebody else\r\n  indented \n\n\n\n\n\nend \u202e'
  const { body } = start(createdEvent({ ticket: { message } }))
  const [head = ''] = body.split('\n\nMessage:\n\n')
  assert.equal(body.slice(head.length), `\n\nMessage:\n\n${message.replace('\r', '')}`)
  for (const part of [
    'Bug SUP-7K3F-Q2MX: My subject',
    'Ada#1234',
    'USER',
    'Ada Lovelace',
    'ada@sdu.dk',
    'request-1',
    'Mozilla',
  ])
    assert.ok(head.includes(part), part)
  assert.ok(head.includes('https://support.example.org/console/'))
  for (const long of hostileMessages)
    assert.ok(start(createdEvent({ ticket: { message: long } })).body.length >= long.toWellFormed().length)
  assert.ok(start(commentedEvent()).body.endsWith('\n\nMessage:\n\nIt works again.'))
  assert.ok(!start(bareEvent()).body.includes('Link'))
})

test('refused for its size, the beginning is sent; refused for its words, none of them', () => {
  const long = start(createdEvent({ ticket: { message: 'word '.repeat(50_000) } }), { level: 'minimal' })
  assert.equal(long.html, null)
  assert.ok(long.body.length < 10_100)
  assert.match(long.body, /word… 2\d\d,\d{3} more characters$/)
  const short = start(createdEvent({ ticket: { message: 'Buy now' } }), { level: 'minimal' })
  assert.ok(!short.body.includes('Buy now') && short.body.includes('The message could not be shown here.'))
})

test('addresses of servers: which are taken, and with what meaning', () => {
  const cases = [
    ['smtp://localhost', 'smtp://localhost:25', false],
    ['smtp://mail.example.org:587', 'smtp://mail.example.org:587', false],
    ['smtp://mail.example.org:587?starttls=required', 'smtp://mail.example.org:587', true],
    ['smtp://mail.example.org/?starttls=required', 'smtp://mail.example.org:25', true],
    ['smtps://mail.example.org', 'smtps://mail.example.org:465', true],
    ['smtps://[2001:db8::7]:1465', 'smtps://[2001:db8::7]:1465', true],
    ['smtp://bücher.example', 'smtp://xn--bcher-kva.example:25', false],
  ] as const
  for (const [smtp, url, needsTls] of cases) {
    assert.equal(email.settings.smtp?.problem?.(smtp), undefined, smtp)
    const step = start(createdEvent(), {}, { smtp, from: settings.from, to: settings.to })
    assert.deepEqual([step.url, step.needsTls, step.login], [url, needsTls, null])
  }
  const wrong = [
    'mail.example.org',
    'https://mail.example.org',
    'smtp:',
    'smtp://',
    'smtp://u:p@mail.example.org',
    'smtp://h?starttls=no',
  ]
  for (const smtp of [...wrong, 'smtp://h/path', 'smtp://h:70000', 'smtp://h#x', 'smtp://h?x=1'])
    assert.match(email.settings.smtp?.problem?.(smtp) ?? '', /\.$/, smtp)
})

test('two people are two destinations', () => {
  for (const to of ['a@example.org, b@example.org', 'a@example.org;b@example.org', 'a@example.org b@example.org'])
    assert.match(email.settings.to?.problem?.(to) ?? '', /Two people are two destinations/)
  for (const to of ['desk', 'desk@', '"a b"@example.org', 'desk@[10.0.0.1]'])
    assert.notEqual(email.settings.to?.problem?.(to), undefined)
  for (const to of ['desk@example.org', 'bjørn@example.org', 'desk@localhost', 'desk@bücher.example'])
    assert.equal(email.settings.to?.problem?.(to), undefined)
})
