import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commonAnswers, DELIVERED, LOGIN_PAGE, retry, unclear } from '../../test/contracts/chat-answers.ts'
import { destinationContract, httpAnswer } from '../../test/contracts/destination.ts'
import { hostile } from '../../test/contracts/hostile.ts'
import { checkMarkdown } from '../../test/contracts/markdown.ts'
import { AT, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import type { Json } from '../api/ticket.ts'
import type { OutgoingEvent } from '../domain/destination.ts'
import template from './template.ts'

const tree = {
  title: '**{{title}}** {{subject|max:80}}',
  from: '{{author}} {{ email }}',
  text: '{{message | max:5000}}',
  nested: [{ 'a "key"': '{{id}}', n: 7, yes: true, nothing: null }],
}
const settings = { url: 'https://desk.example.org/api?key=notarealkeyatall', body: JSON.stringify(tree) }
const render = (body: Json, event: OutgoingEvent = createdEvent()) =>
  JSON.parse(template.start(event, { ...settings, body: JSON.stringify(body) }, { level: 'rich', at: AT }).body)
const outcomeOf = (success: string, answer: Parameters<typeof httpAnswer>[0]) =>
  template.next(
    template.start(createdEvent(), { ...settings, success }, { level: 'rich', at: AT }),
    httpAnswer(answer),
    AT,
  )
const problem = (name: string, value: unknown) =>
  template.settings[name]?.problem?.(typeof value === 'string' ? value : JSON.stringify(value))

destinationContract(
  template,
  { ...settings, body: JSON.stringify({ ...tree, nested: [{ n: 7 }] }) },
  {
    check: body => {
      const { title, from, text } = body as typeof tree
      for (const leaf of [title, from, text]) checkMarkdown(leaf)
    },
    answers: [
      ...commonAnswers.filter(([{ status }]) => status !== 413),
      [{ status: 200 }, DELIVERED],
      [{ status: 201, body: '{"id":1}' }, DELIVERED],
      [{ status: 204 }, DELIVERED],
      [{ status: 200, headers: { 'content-type': 'text/html' }, body: LOGIN_PAGE }, unclear(200)],
      [{ status: 200, headers: { 'content-type': 'text/html' }, body: 'thanks' }, DELIVERED],
      [{ status: 400 }, retry('http-400')],
      [{ status: 413 }, retry('http-413')],
      [{ status: 422 }, retry('http-422')],
    ],
  },
)

test('the tree is filled in leaf by leaf; keys, numbers and the rest stay as they are', () => {
  assert.deepEqual(render(tree), {
    title: '**Bug SUP-7K3F-Q2MX** My subject',
    from: 'Ada\\#1234 ada@\u200bsdu\\.dk',
    text: 'The job stops after one minute\\.\nSince yesterday\\.',
    nested: [{ 'a "key"': createdEvent().ticket.id, n: 7, yes: true, nothing: null }],
  })
  assert.deepEqual(render({ all: '{{event}} {{author|plain}} {{status}} {{type}}' }, commentedEvent()), {
    all: 'commented Grace Hopper (grace), staff CLOSED BUG',
  })
})

test('what was put in is never filled in again, and quotes end no text', () => {
  const event = createdEvent({ ticket: { subject: '{{message}} "},"x":{"y":"', message: '{{reference}}' } })
  assert.deepEqual(render({ a: '{{subject|plain}}', b: '{{message|plain}}' }, event), {
    a: '{{message}} "},"x":{"y":"',
    b: '{{reference}}',
  })
})

test('each filter makes user text harmless where it is meant for', () => {
  const message = '<!channel> *a* @all'
  const event = createdEvent({ ticket: { message } })
  assert.deepEqual(
    render(
      { a: '{{message|slack}}', b: '{{message|html}}', c: '{{message|plain}}', d: '{{message|plain|max:3}}' },
      event,
    ),
    {
      a: '&lt;!channel&gt; *a* @all',
      b: '&#60;!channel&#62; *a* @all',
      c: message,
      d: '<!…',
    },
  )
  for (const text of hostile)
    checkMarkdown(render({ a: '{{reference}} {{message}}' }, createdEvent({ ticket: { message: text } })).a)
})

test('what a success is can be said: statuses, a place in the answer, its value', () => {
  assert.deepEqual(outcomeOf('201', { status: 200 }), unclear(200))
  assert.deepEqual(outcomeOf('200,201', { status: 201 }), DELIVERED)
  assert.deepEqual(outcomeOf('/id', { status: 200, body: '{"id":7}' }), DELIVERED)
  assert.deepEqual(outcomeOf('/id', { status: 200, body: LOGIN_PAGE }), unclear(200))
  assert.deepEqual(outcomeOf('200 /ok=true', { status: 200, body: '{"ok":true}' }), DELIVERED)
  assert.deepEqual(outcomeOf('200 /ok=true', { status: 200, body: '{"ok":false}' }), unclear(200))
})

test('mistakes in the configuration are told in words', () => {
  assert.equal(problem('body', tree), undefined)
  assert.match(problem('body', { a: '{{reference}} {{subjekt}}' }) ?? '', /no \{\{subjekt\}\}; there are reference,/)
  assert.match(
    problem('body', { a: '{{reference|shout}}' }) ?? '',
    /no filter "shout"; there are markdown, slack, html, plain and max:N/,
  )
  assert.match(problem('body', { a: '{{reference|max:0}}' }) ?? '', /no filter "max:0"/)
  assert.match(problem('body', { a: '{{subject}}' }) ?? '', /names the ticket/)
  assert.equal(problem('success', '200 /ok=true'), undefined)
  assert.match(problem('success', '404') ?? '', /200 \/ok=true/)
  assert.match(problem('method', 'DELETE') ?? '', /POST or PUT/)
})

test('headers are sent as they stand in the configuration', () => {
  const headers = JSON.stringify({ authorization: 'Token abc', 'x-queue': 'support' })
  const step = template.start(createdEvent(), { ...settings, headers, method: 'PUT' }, { level: 'rich', at: AT })
  assert.equal(step.method, 'PUT')
  assert.deepEqual(step.headers, {
    'content-type': 'application/json',
    authorization: 'Token abc',
    'x-queue': 'support',
  })
})
