import assert from 'node:assert/strict'
import test from 'node:test'
import { commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import { redactedFields } from './destination.ts'
import { redacted } from './redaction.ts'

const user = {
  username: 'ada@sdu.dk',
  role: 'USER',
  name: 'Ada Lovelace',
  email: 'ada@sdu.dk',
  organization: 'sdu.dk',
} as const
const project = { id: '3f2b9c1e-0000-4000-8000-5d1f', listed: true }
const event = createdEvent({
  ticket: {
    user,
    project,
    subject: 'Write to ADA@sdu.dk',
    message: `I am ada@sdu.dk of ${project.id}.\nReally.`,
    context: { page: `/projects/${project.id}/jobs`, deep: [{ by: 'ada@sdu.dk' }], n: 1 },
  },
})

test('without an order nothing is left out', () => {
  assert.equal(redacted(event), event)
  assert.equal(redacted(event, []), event)
})

test('an e-mail address and a project are left out wherever they stand, and nothing else is', () => {
  const shown = redacted(event, ['email', 'project'])
  assert.doesNotMatch(JSON.stringify(shown), /ada@sdu\.dk|3f2b9c1e/i)
  assert.deepEqual(shown.ticket, {
    ...event.ticket,
    user: { ...user, username: '(left out)', email: null },
    project: null,
    subject: 'Write to (left out)',
    message: 'I am (left out) of (left out).\nReally.',
    context: { page: '/projects/(left out)/jobs', deep: [{ by: '(left out)' }], n: 1 },
  })
  assert.equal(event.ticket.user.email, 'ada@sdu.dk', 'the event itself is as it was')
})

test('a writer’s names are left out, staff’s are not', () => {
  const reply = commentedEvent({ ticket: { user } })
  assert.deepEqual(redacted(reply, ['username', 'name']).event.by, reply.event.by)
  const own = createdEvent({ ticket: { user: { ...user, username: 'Ada#1' } } })
  assert.deepEqual(redacted(own, ['username', 'name']).event.by, { username: '(left out)', name: null, staff: false })
})

test('with everything left out, reference and text remain', () => {
  const { ticket } = redacted(event, redactedFields)
  assert.deepEqual(ticket.user, { username: '(left out)', role: 'USER', name: null, email: null, organization: null })
  assert.deepEqual(
    [ticket.project, ticket.context, ticket.technical],
    [null, null, { requestId: '(left out)', userAgent: null }],
  )
  assert.equal(ticket.reference, 'SUP-7K3F-Q2MX')
})

test('an address with signs of a pattern is taken literally, and a short project id leaves words alone', () => {
  const odd = createdEvent({
    ticket: { user: { ...user, username: 'x', email: 'a.d+a@sdu.dk' }, message: 'a.d+a@sdu.dk axdda@sdu.dk' },
  })
  assert.equal(redacted(odd, ['email']).ticket.message, '(left out) (left out)')
  const alone = createdEvent({ ticket: { user: { ...user, email: 'a.d+a@host' }, message: 'a.d+a@host axdda@host' } })
  assert.equal(redacted(alone, ['email']).ticket.message, '(left out) axdda@host')
  const short = createdEvent({ ticket: { project: { id: 'it', listed: true }, message: 'it stops' } })
  assert.equal(redacted(short, ['project']).ticket.message, 'it stops')
})

test('any e-mail address goes with the writer’s, however a web address has it, and nothing but addresses does', () => {
  const left = (message: string) => redacted(createdEvent({ ticket: { message } }), ['email']).ticket.message
  for (const address of [
    'bob@example.org',
    'bob.b+tag@mail.example.co.uk',
    'bob%40example.org',
    'bob%2540example%2Eorg',
    'jürgen@exämple.de',
    'BOB_B@EXAMPLE.ORG',
    "o'neil@example.org",
    'ada%40sdu.dk',
    '%61da@sdu.dk',
  ])
    assert.equal(left(`Ask <${address}>, (${address}).`), 'Ask <(left out)>, ((left out)).')
  assert.equal(left('/jobs?mail=ada.secret%40example.org&n=1#x'), '/jobs?mail=(left out)&n=1#x')
  for (const text of [
    '@all',
    'a@b',
    'git@',
    '@team/x.y',
    '50% @ 3.5',
    'x @ y.z',
    'npm i a@1 && b @c.d',
    'https://example.org/a%20b',
  ])
    assert.equal(left(text), text)
})

test('nor does an address, or the id of a project, that only looks the same', () => {
  const id = project.id.replaceAll('-', '\u2011')
  for (const hidden of [
    'ada\u200b@sdu.dk',
    'a\u00adda@s\u00addu.dk',
    'ada\uff20sdu.dk',
    'ada\ufe6bsdu\uff0edk',
    '"ada l"@sdu.dk',
    id,
    id.replaceAll('\u2011', '\u2212'),
  ]) {
    const message = `Before ${hidden} after`
    const shown = redacted(createdEvent({ ticket: { user, project, message } }), ['email', 'project'])
    assert.equal(shown.ticket.message, 'Before (left out) after', hidden)
  }
})

test('what is left out is left out of the user agent, of keys, and of an id of the project that lost its hyphens', () => {
  const id = project.id.replaceAll('-', '')
  const typed = createdEvent({
    ticket: {
      user,
      project,
      message: `${id} ${id.toUpperCase()} ${project.id.replaceAll('-', '%2D')}`,
      technical: { requestId: 'r', userAgent: `Mine (ada@sdu.dk; ${project.id})` },
      context: { page: `/app?mail=ada%40sdu.dk&p=${id}`, 'ada@sdu.dk': { [project.id]: [id] } },
    },
  })
  assert.doesNotMatch(JSON.stringify(redacted(typed, ['email', 'project'])), /ada(?:@|%40)sdu|3f2b9c1e/i)
})

test('no text, however shaped, is looked through for long', () => {
  for (const part of ['a', 'a.', '%', '%40', '@', 'a@', 'a@a', 'a@a.', '%25', 'a ', '-', 'a@b.c.d.e.f.g.h.i.j']) {
    const message = part.repeat(Math.floor(524_288 / part.length))
    const before = performance.now()
    redacted(createdEvent({ ticket: { user, project, message } }), ['email', 'project'])
    assert.ok(performance.now() - before < 2_000, part)
  }
})
