/** What stands in the titles and texts of trackers and help desks, in whose name, and which title is taken for ours. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import MarkdownIt from 'markdown-it'
import { deliveredAs } from '../../test/contracts/chat-answers.ts'
import { httpAnswer } from '../../test/contracts/destination.ts'
import { hostile, longTexts } from '../../test/contracts/hostile.ts'
import { AT, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import type { Json } from '../api/ticket.ts'
import type { Level, OutgoingEvent } from '../domain/destination.ts'
import { redacted } from '../domain/redaction.ts'
import { oneLine } from '../domain/text.ts'
import { helpDesks } from './help-desks.ts'
import { fromTracker } from './tracker.ts'
import { trackers } from './trackers.ts'

const R = 'SUP-7K3F-Q2MX'
const REF = '7'
/** What any of them asks for. */
const settings = {
  url: 'https://desk.example.org',
  repository: 'ada/engine',
  project: 'desk',
  group: 'Users',
  queue: 'General',
  email: 'bot@example.org',
  token: 'notarealtoken',
  apiKey: 'notarealkey',
}
const all = [...trackers, ...helpDesks]
const bodyOf = (name: string, event: OutgoingEvent, level: Level = 'plain') =>
  JSON.parse(
    fromTracker(all.find(({ kind }) => kind === name) ?? assert.fail()).start(event, settings, { level, at: AT }).body,
  )

/** The value with these things at these places. */
const nested = (places: Readonly<Record<string, Json>>): Json => {
  const value: Record<string, Json> = {}
  for (const [place, thing] of Object.entries(places)) {
    const [, name = '', ...deeper] = place.split('/')
    value[name] = deeper.length === 0 ? thing : nested({ [`/${deeper.join('/')}`]: thing })
  }
  return value
}

for (const tracker of all) {
  const kind = fromTracker(tracker)
  const start = (event = createdEvent(), mayBeThere = false) =>
    kind.start(event, settings, { level: 'plain', at: AT, mayBeThere })

  test(`${tracker.kind}: what others wrote about a reference is never taken for its ticket`, () => {
    const asking = start(createdEvent(), true)
    const { found } = tracker
    const listed = (title: string): Json => {
      const item = nested({
        [found.ref]: 'id' in found ? 9 : REF,
        ...('title' in found && { [found.title]: title }),
      })
      return found.list === '' ? [item] : { [found.list.slice(1)]: [item] }
    }
    const answered = (title: string) => kind.next(asking, httpAnswer({ body: JSON.stringify(listed(title)) }), AT)
    const foreign = [
      ...['about ', 'Bug ', '', 'Re: Bug ', '[', '\u200b'].map(
        before => `Ticket SUP-0000-0001: ${before}${R}: My subject`,
      ),
      ...['', ': ', ': My subject'].map(after => `Question ${R}${after}`),
      ...[': another subject', ': My subject, and more', ' My subject too', '0', 'X: My subject'].map(
        after => `Bug ${R}${after}`,
      ),
      ...[R, `${R}: My subject`, `Comment on ${R}: My subject`, `Re: Bug ${R}: My subject`, 'Bug', ''],
    ]
    for (const title of foreign) assert.deepEqual(answered(title), start(), title)
    if ('id' in found) return
    for (const title of [`Bug ${R}: My subject`, `bug ${R}:  my\u00a0subject `, `Bug ${R}: My sub…`, `Bug ${R}`])
      assert.deepEqual(answered(title), deliveredAs(REF), title)
  })
}

test('quick actions, fields and markup of a writer stand in code at GitLab, where a description is read for commands', () => {
  const event = createdEvent({ ticket: { message: 'hello\n/close\n```\n/assign @me', subject: '/label ~bug' } })
  const { description } = bodyOf('gitlab', event)
  assert.match(description, /\n```\nhello\n\/close\n\u02cb{3}\n\/assign @me\n```$/)
  // Who looks for commands passes over what stands between lines of three accents, however many stand elsewhere.
  for (const message of [
    event.ticket.message,
    '```\n/close\n```\n/close',
    '````\n/close\n```',
    '/close\n```ruby\n/close',
  ]) {
    const { description } = bodyOf('gitlab', createdEvent({ ticket: { message } }))
    assert.doesNotMatch(description.replace(/^```[\s\S]+?\n```$/gm, ''), /^\/\w/m, message)
  }
})

test('in a title at GitLab, where code is read as well, a subject mentions, links and names nothing, and reads as it was written', () => {
  const LIVE =
    /[@#~!%&$^*[][\p{L}\p{N}_"{(]|:[\w+-]+:|\w:\/\/|www\.|GL-\d|\b(?=\d*[a-f])[0-9a-f]{7,40}\b|(?:vulnerability|contact|iteration):\w/iu
  const subjects = [
    '@all `@root` ![i](http://evil.example/p.png) #1 ~bug /close',
    'a@b.org group/desk#1 group/desk!2 ~"two words" $9 &3 %"v 1" GL-12 *iteration:4 [vulnerability:5] [contact:a@b.org]',
    ':tada: https://evil.example WWW.evil.example a94a8fe5ccb19ba61c4c0873d391e987982fbbd3 12deadbee ^alert#7 &#64;all &commat;all',
    ...hostile,
  ]
  for (const subject of subjects) {
    const { title } = bodyOf('gitlab', createdEvent({ ticket: { subject } }))
    assert.doesNotMatch(title, LIVE, subject)
    const shown = title.replaceAll('\u200b', '').slice(`Bug ${R}: `.length)
    assert.ok(oneLine(subject).startsWith(shown.replace(/…$/, '')), title)
  }
})

test('in Redmine a writer’s text is code, whether it reads Textile, CommonMark, or Markdown that drops what is HTML', () => {
  // No HTML block, and no tag within a line: what Redcarpet makes of it with `filter_html`.
  const dropping = new MarkdownIt({ html: false }).disable('html_block')
  for (const text of [...hostile, ...hostile.map(text => `\n\n\n${text}\n\n${text}`)]) {
    const ticket = { message: text, subject: text, user: { ...createdEvent().ticket.user, username: text, name: text } }
    for (const event of [createdEvent({ ticket }), commentedEvent({ ticket, event: { message: text } })]) {
      for (const level of ['plain', 'minimal'] as const) {
        const { issue } = bodyOf('redmine', event, level)
        const sent: string = issue.description
        assert.deepEqual(sent.match(/<(?!\u200b)[^\n]*/g), ['<pre>', '</pre>'], text)
        assert.match(sent, /^<pre>\n\n(?: {4}.*\n)+\n<\/pre>$/)
        assert.deepEqual(
          new MarkdownIt({ html: true }).parse(sent, {}).map(({ type }) => type),
          ['html_block'],
        )
        const blocks = dropping.parse(sent, {}).filter(({ nesting }) => nesting === 0)
        assert.deepEqual(
          blocks.map(({ type, content }) => (type === 'inline' ? content : type)),
          ['<pre>', 'code_block', '</pre>'],
        )
      }
    }
  }
})

test('what follows is a note that the team alone reads, where a public one might be mailed to the writer', () => {
  const event = commentedEvent({ outgoing: { ref: '7' } })
  assert.equal(bodyOf('zammad', event).internal, true)
  assert.equal(bodyOf('freshdesk', event).private, true)
  assert.equal(bodyOf('zendesk', event).ticket.comment.public, false)
})

test('a name that stands where a help desk looks at it is one that it takes', () => {
  const { user } = createdEvent().ticket
  const named = (name: string | null, username = 'Ada#1234') => {
    const event = createdEvent({ ticket: { user: { ...user, name, username } } })
    const { name: there } = bodyOf('freshdesk', event)
    assert.equal(bodyOf('zendesk', event).ticket.requester.name, there)
    return there
  }
  assert.equal(named("Zoë O'Neil-Smith Jr. 김"), "Zoë O'Neil-Smith Jr. 김")
  assert.equal(named(null), 'Ada 1234')
  assert.equal(named('@<>'), 'Ada 1234')
  assert.equal(named('(left out)', '\u202e😀'), 'User')
  assert.equal(named('Ada, "v@e.org" <x@y>\r\nBcc: v@e.org'), 'Ada v e.org x y Bcc v e.org')
  assert.equal(named(`${'a'.repeat(78)}e\u0301e\u0301`), 'a'.repeat(78))
  for (const text of [...hostile, ...longTexts, `${'a'.repeat(79)}\u{1F600}`, '𝒜'.repeat(50)]) {
    assert.match(named(text, text), /^(?! )[\p{L}\p{M}\p{N} .'-]{1,80}$/u)
    assert.ok(named(text).isWellFormed())
  }
})

test('in Freshdesk writers who were left out are not taken for one', () => {
  for (const username of ['Ada#1234', 'ada@sdu.dk', 'ada@sdu.dk#1']) {
    const known = createdEvent({ ticket: { user: { ...createdEvent().ticket.user, username } } })
    const left = bodyOf('freshdesk', redacted(known, ['username', 'name', 'email']))
    assert.deepEqual([left.unique_external_id, left.name, left.email], [R, 'User', undefined])
  }
  const shown = bodyOf('freshdesk', redacted(createdEvent(), ['email']))
  assert.deepEqual([shown.unique_external_id, shown.name], ['Ada#1234', 'Ada Lovelace'])
})

test('in Freshdesk a description is measured as it is sent', () => {
  const { description } = bodyOf('freshdesk', createdEvent({ ticket: { message: '"'.repeat(524_288) } }))
  assert.ok(description.length > 50_000 && description.length <= 60_100, String(description.length))
  assert.match(description, /… [\d,]+ more characters<\/pre>$/)
})

test('in Freshdesk, where a description is HTML, a writer’s is text', () => {
  const { description } = bodyOf(
    'freshdesk',
    createdEvent({ ticket: { message: '<img src=x onerror=alert(1)></pre><b>&amp;' } }),
  )
  assert.deepEqual(description.match(/<[^>]*>/g), ['<pre>', '</pre>'])
})
