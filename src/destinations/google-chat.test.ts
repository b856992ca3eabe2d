import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commonAnswers, DELIVERED, refused, retry, unavailable, unclear } from '../../test/contracts/chat-answers.ts'
import { destinationContract, texts } from '../../test/contracts/destination.ts'
import { AT, bareEvent, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import { checkShortFence, unfenced } from '../../test/contracts/unfenced.ts'
import type { Level, OutgoingEvent } from '../domain/destination.ts'
import googleChat from './google-chat.ts'

const settings = {
  url: 'https://chat.googleapis.com/v1/spaces/AAAAnotaspace/messages?key=notarealkeyatall&token=notarealtoken%3D',
}
const error = (code: number, status: string) => ({
  status: code,
  body: JSON.stringify({ error: { code, message: 'in words', status } }),
})
const start = (event: OutgoingEvent, level: Level = 'rich') => googleChat.start(event, settings, { level, at: AT })
const read = (event: OutgoingEvent, level: Level = 'rich'): Body => JSON.parse(start(event, level).body)

type Widget = { readonly textParagraph?: { readonly text: string }; readonly buttonList?: unknown }
type Body = {
  readonly thread: { readonly threadKey: string }
  readonly text?: string
  readonly fallbackText?: string
  readonly cardsV2?: readonly {
    readonly cardId: string
    readonly card: { readonly sections: readonly { readonly header?: string; readonly widgets: readonly Widget[] }[] }
  }[]
}

const paragraphs = ({ cardsV2 = [] }: Body): string[] =>
  cardsV2
    .flatMap(({ card }) => card.sections.flatMap(({ widgets }) => widgets))
    .flatMap(({ textParagraph }) => textParagraph?.text ?? [])

const shownHtml = (text: string): string =>
  text.replaceAll('<br>', '\n').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

const check = (body: unknown, level: Level): void => {
  assert.ok(Buffer.byteLength(JSON.stringify(body)) <= 32_000)
  const shown = body as Body // JSON of ours
  assert.deepEqual(
    Object.keys(shown).sort(),
    level === 'rich' ? ['cardsV2', 'fallbackText', 'thread'] : ['text', 'thread'],
  )
  for (const text of paragraphs(shown)) {
    assert.notEqual(text, '')
    const ours = text.replaceAll(/<br>|<\/?b>/g, '').replaceAll(/&(?:amp|lt|gt);/g, '')
    assert.doesNotMatch(ours, /[<>&]/, text)
  }
  const { text = '', fallbackText = 'x' } = shown
  assert.match(fallbackText, /^[\w -]+$/)
  if (level === 'rich') return
  assert.ok(text.length <= 4_000)
  checkShortFence(text)
  // Ours: one link. A user's: no bracket at all, and all of it in code.
  const others = text.replace(/<https:\/\/support\.example\.org\/console\/[0-9a-f-]+\|Open the ticket>/, '')
  assert.doesNotMatch(others, /[<>]/)
  const outside = others.replace(/\n```\n.*\n```$/s, '').replaceAll(/`[^`\n]*`/g, '')
  assert.match(outside, /^\*[\w -]+\*[\w\s:.-]*$/)
}

destinationContract(googleChat, settings, {
  check,
  shownMessage: (body, level) => {
    const shown = body as Body
    if (level === 'minimal') return undefined
    if (level === 'rich') return shownHtml(paragraphs(shown).at(-1) ?? '')
    return unfenced(shown.text ?? '')
      ?.replaceAll('\u2039', '<')
      .replaceAll('\u203a', '>')
  },
  answers: [
    ...commonAnswers,
    [
      { status: 200, body: '{"name":"spaces/AAAA/messages/BBBB","thread":{"name":"spaces/AAAA/threads/C"}}' },
      DELIVERED,
    ],
    [{ status: 200, body: '' }, unclear(200)],
    [{ status: 200, body: '{}' }, unclear(200)],
    [{ status: 200, body: '<html>Sign in</html>' }, unclear(200)],
    [{ status: 202, body: '{"name":"spaces/AAAA/messages/BBBB"}' }, unclear(202)],
    [{ status: 204 }, unclear(204)],
    [{ ...error(404, 'NOT_FOUND'), status: 200 }, unavailable('google-chat-not-found')],
    [error(400, 'INVALID_ARGUMENT'), refused('google-chat-invalid-argument')],
    [error(400, 'FAILED_PRECONDITION'), unavailable('google-chat-failed-precondition')],
    [error(400, 'SOMETHING_NEW'), retry('http-400')],
    [error(401, 'UNAUTHENTICATED'), unavailable('google-chat-unauthenticated')],
    [error(403, 'PERMISSION_DENIED'), unavailable('google-chat-permission-denied')],
    [error(404, 'NOT_FOUND'), unavailable('google-chat-not-found')],
    [{ status: 404, body: '<!DOCTYPE html>' }, unavailable('http-404')],
    [{ status: 413 }, refused('http-413')],
    [error(429, 'RESOURCE_EXHAUSTED'), retry('http-429', 4_000)],
    [{ ...error(429, 'RESOURCE_EXHAUSTED'), headers: { 'retry-after': '60' } }, retry('http-429', 60_000)],
    [{ ...error(429, 'RESOURCE_EXHAUSTED'), headers: { 'retry-after': 'NaN' } }, retry('http-429', 4_000)],
    [error(500, 'INTERNAL'), retry('google-chat-internal')],
    [error(503, 'UNAVAILABLE'), retry('google-chat-unavailable')],
    [{ status: 302 }, unavailable('redirect')],
  ],
})

test('a card names type, reference and subject, then the fields and the link, then the message', () => {
  const shown = read(createdEvent())
  assert.deepEqual(paragraphs(shown), [
    '<b>Bug SUP-7K3F-Q2MX</b>: My subject',
    [
      '<b>Username:</b> Ada#1234',
      '<b>Security role:</b> USER',
      '<b>Real name:</b> Ada Lovelace',
      '<b>E-mail:</b> ada@sdu.dk',
      '<b>Request ID:</b> request-1',
      '<b>User agent:</b> Mozilla/5.0 (X11; Linux x86_64)',
      '<b>Type:</b> Bug',
      '<b>Project:</b> 3f2b',
      '<b>Page:</b> /app/jobs',
    ].join('<br>'),
    'The job stops after one minute.<br>Since yesterday.',
  ])
  assert.ok(texts(shown).includes(createdEvent().ticketUrl ?? ''))
  assert.ok(!JSON.stringify(read(bareEvent())).includes('button'))
})

test('plain is one text in which no bracket is left to mention anybody', () => {
  assert.equal(
    read(
      createdEvent({
        ticket: { message: '<users/all> *look*', user: { ...createdEvent().ticket.user, name: '<users/all>' } },
      }),
      'plain',
    ).text,
    [
      '*Bug SUP-7K3F-Q2MX*: `My subject`',
      'Username: `Ada#1234`',
      'Security role: `USER`',
      'Real name: `\u2039users/all\u203a`',
      'E-mail: `ada@sdu.dk`',
      'Request ID: `request-1`',
      'User agent: `Mozilla/5.0 (X11; Linux x86_64)`',
      'Type: `Bug`',
      'Project: `3f2b`',
      'Page: `/app/jobs`',
      `<${createdEvent().ticketUrl}|Open the ticket>`,
      '```\n\u2039users/all\u203a *look*\n```',
    ].join('\n'),
  )
})

test('a ticket is a thread, and a delivery one request, on every attempt and at every level', () => {
  const [created, replied] = [createdEvent(), commentedEvent()]
  for (const level of googleChat.levels) {
    assert.equal(read(created, level).thread.threadKey, read(replied, level).thread.threadKey)
    assert.equal(
      start(created, level).url,
      `${settings.url}&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD&requestId=${created.deliveryId}`,
    )
  }
  assert.notEqual(start(created).url, start(replied).url)
})

test('an address that is no webhook is refused with what to do', () => {
  const problem = googleChat.settings.url?.problem ?? (() => undefined)
  assert.equal(problem(settings.url), undefined)
  assert.equal(problem('https://chat-relay.example.org/x'), undefined)
  assert.match(problem('https://chat.googleapis.com/v1/spaces/AAAA/messages') ?? '', /key and a token/)
  assert.match(problem('https://chat.googleapis.com/v1/spaces?key=a&token=b') ?? '', /spaces/)
  assert.match(problem(settings.url.replace('https', 'http')) ?? '', /https/)
})
