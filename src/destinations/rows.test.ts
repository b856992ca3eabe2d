/** Every row: what it promises like any kind, its limit, and what its answers mean. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import {
  type Answers,
  commonAnswers,
  DELIVERED,
  LOGIN_PAGE,
  refused,
  retry,
  unavailable,
  unclear,
} from '../../test/contracts/chat-answers.ts'
import { destinationContract } from '../../test/contracts/destination.ts'
import { AT, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import type { Json } from '../api/ticket.ts'
import type { Level, Settings } from '../domain/destination.ts'
import { valueAt } from './answer-rules.ts'
import { fromRow } from './row.ts'
import { rows } from './rows.ts'

type Case = {
  readonly settings: Settings
  /** Where it goes. */
  readonly url: string
  /** Where the text stands in the body. */
  readonly text: string
  readonly maxBytes: number
  readonly secretsInBody?: readonly string[]
  readonly answers: Answers
}

const limited = (reason: string) => retry(reason, 4_000)
/** Answers of services that say no with a 200. */
const coded = (
  name: string,
  field: string,
  codes: Readonly<Record<'refused' | 'unavailable' | 'retry' | 'limited', number[]>>,
): Answers => [
  [{ status: 200, body: JSON.stringify({ [field]: 0 }) }, DELIVERED],
  [{ status: 200, body: '' }, unclear(200)],
  [{ status: 200, body: '{}' }, unclear(200)],
  [{ status: 200, body: LOGIN_PAGE }, unclear(200)],
  [{ status: 204 }, unclear(204)],
  [{ status: 200, body: JSON.stringify({ [field]: 987_654 }) }, unclear(200)],
  ...Object.entries(codes).flatMap(([kind, all]) =>
    all.map(code => {
      const reason = `${name}-${String(code).replace(/^-/, '')}`
      const outcome = { retry, limited, refused, unavailable }[kind as keyof typeof codes](reason)
      return [{ status: 200, body: JSON.stringify({ [field]: code, msg: 'in some language' }) }, outcome] as const
    }),
  ),
]
const withId: Answers = [
  [{ status: 200, body: '{"id":7}' }, DELIVERED],
  [{ status: 200, body: '{}' }, unclear(200)],
  [{ status: 200, body: '' }, unclear(200)],
  [{ status: 200, body: LOGIN_PAGE }, unclear(200)],
  [{ status: 400 }, refused('http-400')],
]
const larkCodes = coded('lark', 'code', {
  refused: [9_499, 11_246],
  unavailable: [19_001, 19_021, 19_022, 19_024],
  retry: [],
  limited: [11_232],
})

const cases: Readonly<Record<string, Case>> = {
  ntfy: {
    settings: { topic: 'support-3f9c2b7a', url: 'https://push.example.org/', token: 'tk_notarealtokenatall' },
    url: 'https://push.example.org/',
    text: '/message',
    maxBytes: 3_800,
    secretsInBody: ['topic'],
    answers: [
      ...withId,
      [{ status: 413, body: '{"code":41301,"http":413,"error":"too large"}' }, refused('ntfy-41301')],
      [{ status: 400, body: '{"code":41303,"http":413}' }, refused('ntfy-41303')],
      [{ status: 401, body: '{"code":40101,"http":401}' }, unavailable('ntfy-40101')],
      [{ status: 403, body: '{"code":40301,"http":403}' }, unavailable('ntfy-40301')],
      [{ status: 429, body: '{"code":42901,"http":429}' }, retry('http-429', 4_000)],
      [
        { status: 429, body: '{"code":42908,"http":429}' },
        retry('http-429', 86_400_000 - ((AT - 300_000) % 86_400_000)),
      ],
      [{ status: 429, body: '{"code":42908,"http":429}', headers: { 'retry-after': '3' } }, retry('http-429', 3_000)],
      [{ status: 507 }, retry('http-507')],
    ],
  },
  gotify: {
    settings: { url: 'https://push.example.org/gotify/', token: 'AbCdEfGhIjKlMnO' },
    url: 'https://push.example.org/gotify/message',
    text: '/message',
    maxBytes: 60_000,
    answers: [...withId, [{ status: 200, body: '{"error":"no"}' }, unclear(200)]],
  },
  webex: {
    settings: { url: 'https://webexapis.com/v1/webhooks/incoming/Y2lzY29zcGFyazovL3VzL1dFQkhPT0s' },
    url: 'https://webexapis.com/v1/webhooks/incoming/Y2lzY29zcGFyazovL3VzL1dFQkhPT0s',
    text: '/text',
    maxBytes: 7_000,
    answers: [
      [{ status: 204 }, DELIVERED],
      [{ status: 200, body: '{"id":"Y2lz"}' }, DELIVERED],
      [{ status: 200, body: LOGIN_PAGE }, unclear(200)],
      [{ status: 202 }, unclear(202)],
      [{ status: 400, body: '{"message":"text too long"}' }, refused('http-400')],
      [{ status: 415 }, refused('http-415')],
    ],
  },
  lark: {
    settings: { url: 'https://open.larksuite.com/open-apis/bot/v2/hook/0f3c9a52-aaaa-bbbb-cccc' },
    url: 'https://open.larksuite.com/open-apis/bot/v2/hook/0f3c9a52-aaaa-bbbb-cccc',
    text: '/card/elements/0/text/content',
    maxBytes: 17_000,
    answers: [...larkCodes, [{ status: 200, body: '{"StatusCode":0,"StatusMessage":"success"}' }, DELIVERED]],
  },
  feishu: {
    settings: { url: 'https://open.feishu.cn/open-apis/bot/v2/hook/0f3c9a52-aaaa-bbbb-cccc' },
    url: 'https://open.feishu.cn/open-apis/bot/v2/hook/0f3c9a52-aaaa-bbbb-cccc',
    text: '/card/elements/0/text/content',
    maxBytes: 17_000,
    answers: coded('feishu', 'code', { refused: [9_499], unavailable: [19_001, 19_021], retry: [], limited: [11_232] }),
  },
  dingtalk: {
    settings: { url: 'https://oapi.dingtalk.com/robot/send?access_token=0f3c9a52aaaabbbbcccc' },
    url: 'https://oapi.dingtalk.com/robot/send?access_token=0f3c9a52aaaabbbbcccc',
    text: '/text/content',
    maxBytes: 18_000,
    answers: coded('dingtalk', 'errcode', {
      refused: [40_035, 300_001, 460_101, 101_002],
      unavailable: [310_000, 300_005],
      retry: [-1],
      limited: [130_101],
    }),
  },
  wecom: {
    settings: { url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0f3c9a52-aaaa-bbbb-cccc' },
    url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0f3c9a52-aaaa-bbbb-cccc',
    text: '/text/content',
    maxBytes: 1_900,
    answers: coded('wecom', 'errcode', {
      refused: [40_058, 44_004],
      unavailable: [93_000, 93_008],
      retry: [-1],
      limited: [45_009],
    }),
  },
  pagerduty: {
    settings: { routingKey: '0123456789abcdef0123456789abcdef' },
    url: 'https://events.pagerduty.com/v2/enqueue',
    text: '/payload/custom_details/ticket',
    maxBytes: 400_000,
    secretsInBody: ['routingKey'],
    answers: [
      [{ status: 202, body: '{"status":"success","message":"Event processed","dedup_key":"x"}' }, DELIVERED],
      [{ status: 200, body: '{"status":"success"}' }, unclear(200)],
      [{ status: 202, body: LOGIN_PAGE }, unclear(202)],
      [{ status: 202, body: '' }, unclear(202)],
      [{ status: 400, body: '{"status":"invalid event","message":"Event object is invalid"}' }, refused('http-400')],
    ],
  },
  'jsm-ops': {
    settings: { apiKey: '0f3c9a52-aaaa-bbbb-cccc', url: 'https://alerts.example.org/base' },
    url: 'https://alerts.example.org/base/jsm/ops/integration/v2/alerts',
    text: '/description',
    maxBytes: 14_000,
    answers: [
      [{ status: 202, body: '{"result":"Request will be processed","requestId":"43a2"}' }, DELIVERED],
      [{ status: 202, body: '{}' }, unclear(202)],
      [{ status: 200, body: LOGIN_PAGE }, unclear(200)],
      [{ status: 400 }, refused('http-400')],
      [{ status: 422, body: '{"message":"Request body is not processable"}' }, refused('http-422')],
    ],
  },
}

for (const row of rows) {
  const known = cases[row.kind] ?? assert.fail(`${row.kind} has no case`)
  const kind = fromRow(row)
  const shown = (body: unknown) => String(valueAt(body as Json, known.text))
  const own = new Set(known.answers.map(([{ status, body }]) => `${status} ${body ?? ''}`))
  destinationContract(kind, known.settings, {
    ...(known.secretsInBody && { secretsInBody: known.secretsInBody }),
    answers: [...known.answers, ...commonAnswers.filter(([{ status, body }]) => !own.has(`${status} ${body ?? ''}`))],
    check: body => assert.ok(Buffer.byteLength(JSON.stringify(shown(body))) - 2 <= known.maxBytes),
    // Where nearly everything fits, finding the limit out takes half a minute; the code is the same.
    ...(known.maxBytes < 100_000 && {
      shownMessage: (body: unknown, level: Level) => (level === 'minimal' ? undefined : quoted(shown(body))),
    }),
  })

  test(`${row.kind}: goes where it should, begins with the reference and ends with the message; what follows names the ticket`, () => {
    const { url, body } = kind.start(createdEvent(), known.settings, { level: 'plain', at: AT })
    assert.equal(url, known.url)
    const text = shown(JSON.parse(body))
    assert.match(text, /^Bug SUP-7K3F-Q2MX: My subject\nUsername: Ada#1234\n/)
    assert.match(
      text,
      /\nLink: https:\/\/support\.example\.org\/console\/[0-9a-f-]+\n> The job stops after one minute\.\n> Since yesterday\.$/,
    )
    const reply = kind.start(commentedEvent(), known.settings, { level: 'plain', at: AT })
    assert.match(
      shown(JSON.parse(reply.body)),
      /^Comment on SUP-7K3F-Q2MX: My subject\nBy: Grace Hopper \(grace\), staff\n/,
    )
    const told = kind.notice(
      { id: 'n-1', type: 'support.alert', at: AT, headline: 'devsupport fails', text: 'Since five minutes.' },
      known.settings,
      { at: AT },
    )
    assert.equal(shown(JSON.parse(told.body)), 'devsupport fails\nSince five minutes.')
  })
}

const quoted = (text: string): string =>
  text
    .split('\n')
    .filter(line => line.startsWith('> '))
    .map(line => line.slice(2))
    .join('\n')

const kindOf = (name: string) => fromRow(rows.find(({ kind }) => kind === name) ?? assert.fail(name))

test('the robots’ signatures are what their vendors compute', () => {
  const signed = (name: string, settings: Settings) =>
    kindOf(name).start(createdEvent(), settings, { level: 'plain', at: AT })
  const { lark, dingtalk } = cases
  const body = JSON.parse(signed('lark', { ...lark?.settings, secret: 'lark-secret' }).body)
  assert.equal(body.timestamp, String(AT / 1_000))
  // As in the vendor's sample: the key is time and secret, the message is empty.
  assert.equal(
    body.sign,
    createHmac('sha256', `${AT / 1_000}\nlark-secret`)
      .update('')
      .digest('base64'),
  )
  const { searchParams } = new URL(signed('dingtalk', { ...dingtalk?.settings, secret: 'SECding' }).url)
  assert.equal(searchParams.get('timestamp'), String(AT))
  assert.equal(searchParams.get('sign'), createHmac('sha256', 'SECding').update(`${AT}\nSECding`).digest('base64'))
  assert.equal(searchParams.get('access_token'), '0f3c9a52aaaabbbbcccc')
})

test('what happens to one ticket is one alert of PagerDuty; of operations alerts each event is one, a repetition none', () => {
  const keyOf = (name: string, pointer: string, event = createdEvent()) =>
    valueAt(
      JSON.parse(kindOf(name).start(event, cases[name]?.settings ?? {}, { level: 'plain', at: AT }).body),
      pointer,
    )
  assert.equal(keyOf('pagerduty', '/dedup_key'), createdEvent().ticket.id)
  assert.equal(keyOf('pagerduty', '/dedup_key', commentedEvent()), createdEvent().ticket.id)
  assert.equal(keyOf('jsm-ops', '/alias'), createdEvent().deliveryId)
  assert.equal(keyOf('jsm-ops', '/alias', commentedEvent()), commentedEvent().deliveryId)
})

test('on the vendor’s host the path of a hook is looked at, elsewhere it is the operator’s matter', () => {
  const problem = (name: string, url: string) => kindOf(name).settings.url?.problem?.(url)
  for (const name of ['webex', 'lark', 'feishu', 'dingtalk', 'wecom']) {
    const url = cases[name]?.url ?? ''
    assert.equal(problem(name, url), undefined, name)
    assert.equal(problem(name, `https://proxy.example.org/${name}`), undefined)
    assert.match(
      problem(name, new URL(`/somewhere/else${new URL(url).search}`, url).href) ?? '',
      /begins with \//,
      name,
    )
    assert.match(problem(name, url.replace('https:', 'http:')) ?? '', /https/, name)
  }
})
