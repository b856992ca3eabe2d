/** Every tracker and help desk: what it promises like any kind, what it makes, how what follows finds it, and how a repetition is avoided. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Answers,
  commonAnswers,
  deliveredAs,
  LOGIN_PAGE,
  refused,
  retry,
  unavailable,
  unclear,
} from '../../test/contracts/chat-answers.ts'
import { destinationContract, httpAnswer, texts } from '../../test/contracts/destination.ts'
import { checkMarkdown, fencedMessage } from '../../test/contracts/markdown.ts'
import { AT, bareEvent, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import type { Json } from '../api/ticket.ts'
import { isOutcome, type Settings, type Step } from '../domain/destination.ts'
import { valueAt } from './answer-rules.ts'
import { helpDesks } from './help-desks.ts'
import { fromTracker } from './tracker.ts'
import { trackers } from './trackers.ts'

type Case = {
  readonly settings: Settings
  readonly create: string
  /** Where in the body the title stands, and the text. */
  readonly title: string
  readonly titleMax: number
  readonly text: string
  readonly textMax: number
  readonly comment: string
  readonly commentText: string
  readonly search: string
  /** An answer to the search that holds the ticket, as `7` or what stands in `ref`. */
  readonly hit: Json
  readonly made: Json
  readonly ref: string
  readonly answers?: Answers
  readonly isMarkdown?: boolean
}
const R = 'SUP-7K3F-Q2MX'
const ID = createdEvent().ticket.id

const cases: Readonly<Record<string, Case>> = {
  github: {
    settings: { repository: 'ada/engine', token: 'github_pat_notarealtoken' },
    create: 'https://api.github.com/repos/ada/engine/issues',
    title: '/title',
    titleMax: 256,
    text: '/body',
    textMax: 65_536,
    comment: 'POST https://api.github.com/repos/ada/engine/issues/7/comments',
    commentText: '/body',
    search: 'https://api.github.com/repos/ada/engine/issues?state=all&sort=created&direction=desc&per_page=100',
    hit: [
      { title: 'Bug SUP-0000-0000: x', number: 9 },
      { title: `Bug ${R}: My subject`, number: 7 },
    ],
    made: { number: 7, html_url: 'https://github.com/ada/engine/issues/7' },
    ref: '7',
    isMarkdown: true,
    answers: [
      [{ status: 422, body: '{"message":"Validation Failed"}' }, refused('http-422')],
      [
        { status: 403, body: '{"message":"You have exceeded a secondary rate limit"}' },
        retry('github-rate-limit', 4_000),
      ],
      [{ status: 403, headers: { 'retry-after': '60' } }, retry('github-rate-limit', 60_000)],
      [
        { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(AT / 1_000 + 90) } },
        retry('github-rate-limit', 90_000),
      ],
      [
        { status: 403, headers: { 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': String(AT / 1_000 + 90) } },
        unavailable('http-403'),
      ],
      [{ status: 410, body: '{"message":"Issues are disabled for this repo"}' }, unavailable('http-410')],
    ],
  },
  gitlab: {
    settings: { project: 'group/desk', token: 'glpat-notarealtoken', url: 'https://git.example.org/gitlab' },
    create: 'https://git.example.org/gitlab/api/v4/projects/group%2Fdesk/issues',
    title: '/title',
    titleMax: 255,
    text: '/description',
    textMax: 1_048_576,
    comment: 'POST https://git.example.org/gitlab/api/v4/projects/group%2Fdesk/issues/7/notes',
    commentText: '/body',
    search: `https://git.example.org/gitlab/api/v4/projects/group%2Fdesk/issues?in=title&scope=all&search=${R}`,
    hit: [{ title: `Bug ${R}: My subject`, iid: 7, id: 99 }],
    made: { id: 99, iid: 7 },
    ref: '7',
    isMarkdown: true,
  },
  jira: {
    settings: {
      url: 'https://desk.atlassian.net',
      email: 'bot@example.org',
      token: 'notarealtokenatall',
      project: 'DESK',
    },
    create: 'https://desk.atlassian.net/rest/api/3/issue',
    title: '/fields/summary',
    titleMax: 255,
    text: '/fields/description',
    textMax: 32_767,
    comment: 'POST https://desk.atlassian.net/rest/api/3/issue/DESK-7/comment',
    commentText: '/body',
    search: `https://desk.atlassian.net/rest/api/3/search/jql?fields=summary&jql=project%20%3D%20%22DESK%22%20AND%20summary%20~%20%22%5C%22${R}%5C%22%22`,
    hit: { issues: [{ key: 'DESK-7', fields: { summary: `Bug ${R}: My subject` } }] },
    made: { id: '10007', key: 'DESK-7' },
    ref: 'DESK-7',
    answers: [
      [{ status: 400, body: '{"errors":{"summary":"too long"}}' }, refused('http-400')],
      [
        { status: 400, body: '{"errors":{"issuetype":"valid issue type is required"}}' },
        unavailable('jira-project-or-type'),
      ],
      [{ status: 400, body: '{"errors":{"customfield_10042":"Team is required."}}' }, unavailable('jira-field')],
    ],
  },
  zammad: {
    settings: { url: 'https://desk.example.org', token: 'notarealtokenatall', group: 'Users' },
    create: 'https://desk.example.org/api/v1/tickets',
    title: '/title',
    titleMax: 255,
    text: '/article/body',
    textMax: 1_000_000,
    comment: 'POST https://desk.example.org/api/v1/ticket_articles',
    commentText: '/body',
    search: `https://desk.example.org/api/v1/tickets/search?expand=true&limit=10&query=title%3A%22${R}%22`,
    hit: [{ id: 7, title: `Bug ${R}: My subject` }],
    made: { id: 7, number: '31007' },
    ref: '7',
  },
  freshdesk: {
    settings: { url: 'https://desk.freshdesk.com', apiKey: 'notarealkeyatall' },
    create: 'https://desk.freshdesk.com/api/v2/tickets',
    title: '/subject',
    titleMax: 255,
    text: '/description',
    textMax: 1_000_000,
    comment: 'POST https://desk.freshdesk.com/api/v2/tickets/7/notes',
    commentText: '/body',
    search: 'https://desk.freshdesk.com/api/v2/tickets?order_by=created_at&order_type=desc&per_page=100',
    hit: [{ id: 7, subject: `Bug ${R}: My subject` }],
    made: { id: 7 },
    ref: '7',
    answers: [[{ status: 409 }, refused('http-409')]],
  },
  zendesk: {
    settings: { url: 'https://desk.zendesk.com', email: 'bot@example.org', token: 'notarealtokenatall' },
    create: 'https://desk.zendesk.com/api/v2/tickets.json',
    title: '/ticket/subject',
    titleMax: 150,
    text: '/ticket/comment/html_body',
    textMax: 65_535,
    comment: 'PUT https://desk.zendesk.com/api/v2/tickets/7.json',
    commentText: '/ticket/comment/html_body',
    search: `https://desk.zendesk.com/api/v2/tickets.json?external_id=${ID}`,
    hit: { tickets: [{ id: 7, external_id: ID, subject: 'Renamed by staff' }], count: 1 },
    made: { ticket: { id: 7 } },
    ref: '7',
  },
  'request-tracker': {
    settings: { url: 'https://rt.example.org/rt', token: '1-14-notarealtoken', queue: 'General' },
    create: 'https://rt.example.org/rt/REST/2.0/ticket',
    title: '/Subject',
    titleMax: 200,
    text: '/Content',
    textMax: 1_000_000,
    comment: 'POST https://rt.example.org/rt/REST/2.0/ticket/7/comment',
    commentText: '/Content',
    search: `https://rt.example.org/rt/REST/2.0/tickets?fields=Subject&query=Subject%20LIKE%20%27${R}%27`,
    hit: { items: [{ id: '7', Subject: `Bug ${R}: My subject` }] },
    made: { id: '7', type: 'ticket' },
    ref: '7',
  },
  redmine: {
    settings: { url: 'https://redmine.example.org', apiKey: 'notarealkeyatall', project: 'desk' },
    create: 'https://redmine.example.org/issues.json',
    title: '/issue/subject',
    titleMax: 255,
    text: '/issue/description',
    textMax: 1_100_000,
    comment: 'PUT https://redmine.example.org/issues/7.json',
    commentText: '/issue/notes',
    search: `https://redmine.example.org/issues.json?status_id=*&project_id=desk&subject=~${R}`,
    hit: { issues: [{ id: 7, subject: `Bug ${R}: My subject` }] },
    made: { issue: { id: 7 } },
    ref: '7',
  },
}

const followed = (step: Step, next: ReturnType<ReturnType<typeof fromTracker>['next']>): Step => {
  assert.ok(!isOutcome(next), `${step.url} is followed by another request`)
  return next
}

for (const tracker of [...trackers, ...helpDesks]) {
  const { settings, ...known } = cases[tracker.kind] ?? assert.fail(`${tracker.kind} has no case`)
  const kind = fromTracker(tracker)
  const isSure = tracker.answers.success[0] ?? 201
  const start = (event = createdEvent(), mayBeThere = false) =>
    kind.start(event, settings, { level: 'plain', at: AT, mayBeThere })
  const shown = (body: unknown, pointer: string): string => texts(valueAt(body as Json, pointer)).join('\n')
  const own = new Set(known.answers?.map(([{ status, headers }]) => `${status} ${JSON.stringify(headers)}`))

  destinationContract(kind, settings, {
    check: body => {
      const title = String(valueAt(body as Json, known.title))
      const text = shown(body, known.text)
      assert.ok(title.length <= known.titleMax && title.includes(R), title)
      assert.ok(text.length <= known.textMax)
      if (known.isMarkdown) checkMarkdown(text)
    },
    ...(known.isMarkdown &&
      known.textMax < 500_000 && {
        shownMessage: (body, level) => (level === 'minimal' ? undefined : fencedMessage(shown(body, known.text))),
      }),
    answers: [
      ...commonAnswers.filter(([{ status, headers }]) => !own.has(`${status} ${JSON.stringify(headers)}`)),
      ...(known.answers ?? [[{ status: 422 }, refused('http-422')]]),
      [{ status: isSure, body: JSON.stringify(known.made) }, deliveredAs(known.ref)],
      [{ status: isSure, body: '{}' }, unclear(isSure)],
      [{ status: isSure, body: '' }, unclear(isSure)],
      [{ status: isSure, body: LOGIN_PAGE }, unclear(isSure)],
      [{ status: 202, body: JSON.stringify(known.made) }, unclear(202)],
    ],
  })

  test(`${tracker.kind}: it is made where it should be`, () => {
    const { method, url, body } = start()
    assert.equal(`${method} ${url}`, `POST ${known.create}`)
    assert.equal(valueAt(JSON.parse(body), known.title), `Bug ${R}: My subject`)
    const text = shown(JSON.parse(body), known.text)
    for (const part of ['Ada#1234', 'ada@sdu.dk', '/app/jobs', 'Since yesterday.']) {
      assert.ok(text.replaceAll('&#39;', "'").includes(part), part)
    }
  })

  test(`${tracker.kind}: what follows becomes a comment of what was made, or stands alone where that is not known`, () => {
    const { method, url, body } = start(commentedEvent({ outgoing: { ref: known.ref } }))
    assert.equal(`${method} ${url}`, known.comment)
    assert.match(shown(JSON.parse(body), known.commentText), /It works again\./)
    const answer = httpAnswer({ status: isSure, body: '{"anything":1}' })
    assert.deepEqual(kind.next(start(commentedEvent({ outgoing: { ref: known.ref } })), answer, AT), {
      kind: 'delivered',
    })
    const alone = start(commentedEvent())
    assert.equal(alone.url, known.create)
    assert.match(String(valueAt(JSON.parse(alone.body), known.title)), /^Comment on SUP-7K3F-Q2MX/)
  })

  test(`${tracker.kind}: what may be there is looked for before it is made again`, () => {
    const asking = start(createdEvent(), true)
    assert.equal(`${asking.method} ${asking.url}`, `GET ${known.search}`)
    assert.equal(asking.headers['content-type'], undefined)
    const after = (part: Parameters<typeof httpAnswer>[0]) => kind.next(asking, httpAnswer(part), AT)
    assert.deepEqual(after({ body: JSON.stringify(known.hit) }), deliveredAs(known.ref))
    const elsewhere = JSON.stringify(known.hit).replaceAll(R, 'SUP-0000-0001').replaceAll(ID, 'another')
    const { list } = tracker.found
    const none = list === '' ? '[]' : JSON.stringify({ [list.slice(1)]: [] })
    for (const body of [elsewhere, none]) {
      const creation = followed(asking, after({ body }))
      assert.deepEqual(creation, start(), body)
      const made = httpAnswer({ status: isSure, body: JSON.stringify(known.made) })
      assert.deepEqual(kind.next(creation, made, AT), deliveredAs(known.ref))
    }
    // No list says nothing: it may be there.
    for (const body of ['{}', '', LOGIN_PAGE]) assert.deepEqual(after({ body }), retry('search-unreadable'), body)
    assert.deepEqual(after({ status: 503 }), retry('http-503'))
    assert.deepEqual(after({ status: 401 }), unavailable('http-401'))
    assert.equal(start(commentedEvent({ outgoing: { ref: known.ref } }), true).method === 'GET', false)
  })

  test(`${tracker.kind}: a ticket of somebody without an address can be made, too`, () => {
    const { body } = start(bareEvent())
    assert.ok(body.includes(R))
    const hidden = createdEvent()
    const odd = start(createdEvent({ ticket: { user: { ...hidden.ticket.user, email: 'a b@x, c@d.org' } } })).body
    assert.doesNotMatch(odd, /"(?:email|Requestor|customer_id)":"[^"]*a b@x/)
  })
}
