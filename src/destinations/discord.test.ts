import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RESTPostAPIWebhookWithTokenJSONBody } from 'discord-api-types/v10'
import { commonAnswers, DELIVERED, refused, retry, unavailable, unclear } from '../../test/contracts/chat-answers.ts'
import { destinationContract } from '../../test/contracts/destination.ts'
import { checkMarkdown } from '../../test/contracts/markdown.ts'
import { AT, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import { checkShortFence, unfenced } from '../../test/contracts/unfenced.ts'
import type { Level, OutgoingEvent } from '../domain/destination.ts'
import discord from './discord.ts'

const settings = { url: 'https://discord.com/api/webhooks/998877665544/notarealtokenatall' }
const start = (event: OutgoingEvent, level: Level = 'rich') => discord.start(event, settings, { level, at: AT })

type Body = RESTPostAPIWebhookWithTokenJSONBody & { file?: string }

/** JSON, or the two parts of a form, as any reader of forms finds them. */
const read = (body: string): Body => {
  const [, boundary = ''] = /^--(\S+)\r\n/.exec(body) ?? []
  if (boundary === '') return JSON.parse(body)
  const parts = body.split(new RegExp(`(?:^|\\r\\n)--${boundary}(?:\\r\\n|--\\r\\n$)`))
  assert.equal(parts.length, 4, 'two parts, nothing before and nothing behind')
  const [json = '', file = ''] = parts.slice(1, 3).map(part => part.slice(part.indexOf('\r\n\r\n') + 4))
  assert.match(parts[2] ?? '', /^content-disposition: form-data; name="files\[0\]"; filename="message.txt"\r\n/)
  return { ...JSON.parse(json), file }
}

const check = (body: unknown, level: Level): void => {
  const { embeds = [], content, allowed_mentions: mentions, ...others } = body as Body // JSON of ours
  assert.deepEqual(mentions, { parse: [] })
  assert.deepEqual(Object.keys(others), 'file' in others ? ['file'] : [], 'no name and no picture of a user')
  assert.equal(level === 'rich', content === undefined)
  if (content !== undefined) {
    assert.ok(content.length <= 2_000)
    checkMarkdown(content)
    checkShortFence(content)
  }
  let total = 0
  for (const { title, description, fields = [] } of embeds) {
    const all = fields.flatMap(({ name, value }) => [name, value])
    for (const text of [title, description, ...all]) {
      if (text === undefined) continue
      assert.notEqual(text.trim(), '', 'no empty text')
      total += text.length
      if (text !== title) checkMarkdown(text)
      checkShortFence(text)
    }
    const [, subject = ''] = /^[\w -]+: (.*)$/.exec(title ?? '') ?? []
    assert.doesNotMatch(
      subject.replaceAll(/\\[!-~]/g, ''),
      /[^\w\s\u0080-\u{10ffff}]/u,
      'every sign of a subject is escaped',
    )
    assert.ok((title ?? '').length <= 256 && (description ?? '').length <= 4_096 && fields.length <= 25)
    assert.ok(fields.every(({ name, value }) => name.length <= 256 && value.length <= 1_024))
  }
  assert.ok(total <= 6_000, `${total} units in all embeds`)
}

destinationContract(discord, settings, {
  read,
  check,
  shownMessage: (body, level) => {
    const { embeds = [], content } = body as Body
    return level === 'minimal'
      ? undefined
      : unfenced(level === 'rich' ? (embeds[1]?.description ?? '') : (content ?? ''))
  },
  answers: [
    ...commonAnswers,
    [{ status: 200, body: '{"id":"1201","channel_id":"7"}' }, DELIVERED],
    [{ status: 200, body: '' }, unclear(200)],
    [{ status: 200, body: '<html>Sign in</html>' }, unclear(200)],
    [{ status: 200, body: '{"message":"Unknown Webhook","code":10015}' }, unavailable('discord-10015')],
    [{ status: 204 }, unclear(204)],
    [{ status: 202, body: '{"id":"1201"}' }, unclear(202)],
    [{ status: 400, body: '{"message":"Invalid Form Body","code":50035,"errors":{}}' }, refused('discord-50035')],
    [{ status: 400, body: '{"message":"Cannot send an empty message","code":50006}' }, refused('discord-50006')],
    [{ status: 400, body: '{"code":50109}' }, refused('discord-50109')],
    [{ status: 413, body: '{"message":"Request entity too large","code":40005}' }, refused('discord-40005')],
    [{ status: 413, body: '<html>413</html>' }, refused('http-413')],
    [{ status: 400, body: '{"code":220001}' }, unavailable('discord-220001')],
    [{ status: 401, body: '{"message":"Invalid Webhook Token","code":50027}' }, unavailable('discord-50027')],
    [{ status: 403, body: '{"message":"Missing Permissions","code":50013}' }, unavailable('discord-50013')],
    [{ status: 404, body: '{"message":"Unknown Webhook","code":10015}' }, unavailable('discord-10015')],
    [{ status: 404, body: '{"message":"Unknown Channel","code":10003}' }, unavailable('discord-10003')],
    [{ status: 404, body: '404: Not Found' }, unavailable('http-404')],
    [{ status: 400, body: '{"code":99999}' }, retry('http-400')],
    [
      { status: 429, body: '{"message":"You are being rate limited.","retry_after":0.65,"global":false}' },
      retry('http-429', 650),
    ],
    [{ status: 429, headers: { 'retry-after': '2' }, body: '{"retry_after":2285.5}' }, retry('http-429', 2_285_500)],
    [{ status: 429, headers: { 'x-ratelimit-reset-after': '1.25' } }, retry('http-429', 1_250)],
    [{ status: 429, headers: { 'retry-after': 'soon' }, body: '{"retry_after":-5}' }, retry('http-429', 4_000)],
    [
      { status: 429, body: '{"message":"You are being blocked from accessing our API temporarily","code":0}' },
      retry('http-429', 3_600_000),
    ],
    [{ status: 429, body: '{"code":0,"retry_after":45}' }, retry('http-429', 45_000)],
    [{ status: 503, headers: { 'retry-after': '5' } }, retry('http-503', 5_000)],
  ],
})

test('an embed tells what and who, a second one holds the message; nobody is notified', () => {
  assert.deepEqual(read(start(createdEvent()).body), {
    embeds: [
      {
        title: 'Bug SUP-7K3F-Q2MX: My subject',
        url: createdEvent().ticketUrl,
        color: 0xc0392b,
        fields: [
          { name: 'Username', value: '`Ada#1234`', inline: true },
          { name: 'Security role', value: '`USER`', inline: true },
          { name: 'Real name', value: '`Ada Lovelace`', inline: true },
          { name: 'E-mail', value: '`ada@sdu.dk`', inline: true },
          { name: 'Request ID', value: '`request-1`', inline: true },
          { name: 'User agent', value: '`Mozilla/5.0 (X11; Linux x86_64)`', inline: true },
          { name: 'Type', value: '`Bug`', inline: true },
          { name: 'Project', value: '`3f2b`', inline: true },
          { name: 'Page', value: '`/app/jobs`', inline: true },
        ],
      },
      { color: 0xc0392b, description: '```\nThe job stops after one minute.\nSince yesterday.\n```' },
    ],
    allowed_mentions: { parse: [] },
  })
  assert.equal(start(createdEvent()).url, `${settings.url}?wait=true`)
  assert.equal(
    discord.start(createdEvent(), { url: `${settings.url}?thread_id=77` }, { level: 'rich', at: AT }).url,
    `${settings.url}?thread_id=77&wait=true`,
  )
})

test('plain is one text, minimal leaves the message out', () => {
  assert.equal(
    read(start(commentedEvent(), 'plain').body).content,
    [
      '**Comment on SUP-7K3F-Q2MX**: `My subject`',
      'By: `Grace Hopper (grace), staff`',
      'Status: `Closed`',
      `<${createdEvent().ticketUrl}>`,
      '```\nIt works again.\n```',
    ].join('\n'),
  )
  assert.match(read(start(createdEvent(), 'minimal').body).content ?? '', /could not be shown here\.$/)
})

test('a subject too long for the title stands whole among the fields, and no sign of it is markup in the title', () => {
  const subject = `job_12 *failed* [x](http://evil.example) ${'y'.repeat(500)}`
  const [head] = read(start(createdEvent({ ticket: { subject } })).body).embeds ?? []
  assert.match(head?.title ?? '', /: job\\_12 \\\*failed\\\* \\\[x\\\]\\\(http\\:\\\/\\\/evil\\\.example\\\) y+…$/)
  assert.deepEqual(head?.fields?.[0], { name: 'Subject', value: `\`${subject}\``, inline: false })
})

test('a message that is cut goes along whole as a file, in the same request; a forged end of its part is text like any', () => {
  const boundary = /^--(\S+)\r\n/
  const message = `${'a'.repeat(10_000)}`
  const first = start(createdEvent({ ticket: { message } }))
  const [, known = ''] = boundary.exec(first.body) ?? []
  const forged = `${message}\r\n--${known}--\r\n`
  const step = start(createdEvent({ ticket: { message: forged } }))
  assert.equal(step.headers['content-type'], `multipart/form-data; boundary=${boundary.exec(step.body)?.[1]}`)
  assert.ok(!forged.includes(boundary.exec(step.body)?.[1] ?? ''), 'a boundary that nobody could know')
  const { file, embeds = [] } = read(step.body)
  assert.equal(file, forged.replaceAll('\r\n', '\n'))
  assert.match(embeds[1]?.description ?? '', /… [\d,]+ more characters\n```$/)
  for (const level of ['plain', 'minimal'] as const) {
    assert.equal(start(createdEvent({ ticket: { message } }), level).headers['content-type'], 'application/json')
  }
  assert.equal(
    start(createdEvent({ ticket: { message: 'a'.repeat(3_000) } })).headers['content-type'],
    'application/json',
  )
})

test('a form is read by others as it was meant', async () => {
  const message = `ñ 👩‍👩‍👧 "quoted"\n${'漢'.repeat(5_000)}`
  const { body, headers } = start(createdEvent({ ticket: { message } }))
  const form = await new Response(body, { headers }).formData()
  const file = form.get('files[0]')
  assert.ok(file instanceof File)
  assert.equal(file.name, 'message.txt')
  assert.equal(await file.text(), message)
  assert.equal(JSON.parse(String(form.get('payload_json'))).embeds.length, 2)
})

test('an address that is no webhook is refused with what to do', () => {
  const problem = discord.settings.url?.problem ?? (() => undefined)
  for (const host of ['discord.com', 'ptb.discord.com', 'canary.discord.com', 'discordapp.com']) {
    assert.equal(problem(`https://${host}/api/webhooks/1/x?thread_id=7`), undefined)
  }
  assert.equal(problem('https://discord.com/api/v10/webhooks/1/x'), undefined)
  assert.equal(problem('https://discord.example.org/anything'), undefined)
  assert.match(problem('https://discord.com/api/webhooks/1/x/slack') ?? '', /leave it out/)
  assert.match(problem('https://discord.com/channels/1/2') ?? '', /\/api\/webhooks\//)
  assert.match(problem('http://discord.com/api/webhooks/1/x') ?? '', /https/)
})
