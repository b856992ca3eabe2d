/** A mail from the ticket to what an independent parser reads: whatever users write, no byte of it becomes a header, an address or a command. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import email from '../../src/destinations/email.ts'
import { systemClock } from '../../src/domain/clock.ts'
import type { MailStep, OutgoingEvent } from '../../src/domain/destination.ts'
import { createSmtpTransport } from '../../src/transport/smtp.ts'
import { hostile, longTexts } from '../contracts/hostile.ts'
import { AT, commentedEvent, createdEvent } from '../contracts/outgoing.ts'
import { type MailServer, type ReceivedMail, startMailServer } from '../support/mail-server.ts'
import { addressesOf, checkMail, textOf } from './check.ts'

const transport = createSmtpTransport({ allow: ['127.0.0.0/8'], clock: systemClock })
let server: MailServer
before(async () => {
  // As strict as servers get: nothing but ASCII in lines of 998.
  server = await startMailServer({ hide8BITMIME: true, hideSMTPUTF8: true })
})
after(async () => {
  await transport.close()
  await server.close()
})

const settings = () => ({
  smtp: `smtp://127.0.0.1:${server.port}`,
  from: 'support@example.org',
  to: 'desk@example.org',
})

let count = 0
/** The mail as it was received, and as it was meant. */
const through = async (event: OutgoingEvent): Promise<ReceivedMail & { step: MailStep }> => {
  count += 1
  const step = email.start({ ...event, deliveryId: `d-${count}` }, settings(), { level: 'rich', at: AT })
  assert.ok(step.method === 'MAIL')
  const answer = await transport.send(step, { timeoutMs: 10_000 })
  assert.ok(answer.kind === 'answer' && answer.status === 250, JSON.stringify(answer))
  const received = server.received.find(({ mail }) => mail.messageId === `<${step.messageId}>`)
  return { ...(received ?? assert.fail('it is not there')), step }
}

/** `count` at a time. */
const each = async <T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> => {
  for (let from = 0; from < items.length; from += 30) await Promise.all(items.slice(from, from + 30).map(run))
}

test('hostile text in any field stays text', async () => {
  const { user, technical } = createdEvent().ticket
  await each([...hostile, ...longTexts.map(text => text.slice(0, 3_000))], async text => {
    const event = createdEvent({
      ticket: {
        subject: text,
        message: text,
        user: { ...user, username: text, name: text },
        technical: { ...technical, userAgent: text },
        context: { page: text },
      },
    })
    const received = await through(event)
    checkMail(received, received.step)
  })
})

test('names keep what is readable in them, and are one name', async () => {
  const names = [
    ['Müller, Anna (IT) "Ops"', 'Müller, Anna (IT) "Ops"'],
    ['a@b <c@d>', 'a@b <c@d>'],
    ['Ann\r\nBcc: x@example.org', 'Ann Bcc: x@example.org'],
    ['=?utf-8?q?Ann=0D=0ABcc=3A_x=40example.org?=', '= ?utf-8?q?Ann=0D=0ABcc=3A_x=40example.org?='],
    ['Ann\u2028Bob\u0085Eve\u000bZoe', 'Ann Bob Eve Zoe'],
    ['אנה \u202eevil', 'אנה evil'],
    ['x'.repeat(300), `${'x'.repeat(79)}…`],
    ['', ''],
    ['\\', '\\'],
    ['Dr. "A" \\ "B"', 'Dr. "A" \\ "B"'],
    ['👩‍👩‍👧 Ada', '👩‍👩‍👧 Ada'],
    [',;:<>[]()@', ',;:<>[]()@'],
  ] as const
  await each(names, async ([name, shown]) => {
    const { user } = createdEvent().ticket
    const received = await through(createdEvent({ ticket: { user: { ...user, name } } }))
    checkMail(received, received.step)
    assert.deepEqual(addressesOf(received.mail.replyTo), [{ name: shown, address: 'ada@sdu.dk' }])
  })
})

test('an address that is none becomes nobody’s', async () => {
  const addresses = [
    '"eve@example.com RCPT TO: victim"@example.net',
    'a@example.org, b@example.org',
    'bjørn@example.org',
    'a@example.org\r\nBcc: b@example.org',
  ]
  await each(addresses, async address => {
    const { user } = createdEvent().ticket
    const received = await through(createdEvent({ ticket: { user: { ...user, email: address } } }))
    checkMail(received, received.step)
    assert.equal(received.mail.replyTo, undefined)
  })
})

test('whatever the lines of a message look like, they arrive as they were written', async () => {
  const messages = [
    '.\n..\n.x\n',
    '\r\n.\r\nMAIL FROM:<eve@example.com>\r\n',
    'From x\n>From y\nFrom: z',
    'lone\rreturn\nfeed\r\nboth\n\rodd',
    'trailing  \n\ttabs\t\n =20 =3D =\n',
    '=?utf-8?q?x?=',
    '--_NmP-0123456789abcdef-Part_1\nContent-Type: text/html\n\n<b>x</b>',
    'x'.repeat(524_288),
    '漢'.repeat(100_000),
    `${'a '.repeat(40_000)}\n${'b'.repeat(2_000)}`,
    '\u001b[31mred\u0007\u000b\u000c\u0085\u2028',
    '👩‍👩‍👧'.repeat(300),
    '',
    '\n\n\n\n\n\n\nend',
  ]
  for (const message of messages) {
    const received = await through(createdEvent({ ticket: { message } }))
    checkMail(received, received.step)
    const shown = textOf(received.mail.text).split('\n\nMessage:\n\n').slice(1).join('\n\nMessage:\n\n')
    assert.equal(shown, textOf(message.replace(/\r\n?/g, '\n')))
  }
})

test('long subjects are cut, and folded between characters', async () => {
  await each(
    ['🎉'.repeat(250), 'é'.repeat(500), 'word '.repeat(200), 'x'.repeat(1_000), '👩‍👩‍👧'.repeat(80)],
    async subject => {
      const received = await through(createdEvent({ ticket: { subject } }))
      checkMail(received, received.step)
      assert.doesNotMatch(received.mail.subject ?? '', /\ufffd/)
      assert.ok(received.step.body.includes(subject.trim()))
    },
  )
})

test('the HTML says the same, and loads nothing', async () => {
  const { mail } = await through(createdEvent({ ticket: { message: '<img src=http://evil.example/x> & "quoted"' } }))
  assert.ok(typeof mail.html === 'string')
  assert.ok(mail.html.includes('&#60;img src=http://evil.example/x&#62; &#38; &#34;quoted&#34;'))
  assert.doesNotMatch(mail.html, /<(?:img|script|link|style|iframe)/)
  assert.deepEqual(mail.html.match(/href="[^"]*"/g), [
    `href="https://support.example.org/console/${createdEvent().ticket.id}"`,
  ])
})

test('what follows lands in the thread of the first', async () => {
  const step = email.start(commentedEvent(), settings(), { level: 'rich', at: AT })
  assert.ok(step.method === 'MAIL')
  await transport.send(step, { timeoutMs: 10_000 })
  const mail = server.received.at(-1)?.mail
  const first = '<0199c0de-0000-7000-8000-000000000001-1-support@example.org>'
  assert.deepEqual([mail?.inReplyTo, mail?.references], [first, first])
})

test('a mailbox with letters beyond ASCII is asked for as such', async t => {
  const modern = await startMailServer()
  t.after(() => modern.close())
  const to = 'bjørn@example.org'
  const step = email.start(
    createdEvent(),
    { ...settings(), smtp: `smtp://127.0.0.1:${modern.port}`, to },
    { level: 'rich', at: AT },
  )
  const answer = await transport.send(step as MailStep, { timeoutMs: 10_000 }) // of this kind every step is one
  assert.ok(answer.kind === 'answer' && answer.status === 250, JSON.stringify(answer))
  assert.deepEqual(modern.received[0]?.to, ['bjørn@example.org'])
})
