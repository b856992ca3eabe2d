/** The pages and pictures of docs/ that are made from the code are in step with it, and say all there is to say. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { metrics } from '../scripts/docs/metrics-page.ts'
import { generatedPages } from '../scripts/docs/pages.ts'
import { bodies } from '../scripts/docs/sample-events.ts'
import { calls } from '../src/api/calls.ts'
import { webhookEvents } from '../src/api/events.ts'
import { manual, modelsOf } from '../src/api/manual.ts'
import { jsonSchemaOf, type Schema } from '../src/api/schema.ts'

const docs = join(import.meta.dirname, '..', 'docs')
const pages = generatedPages()

for (const [path, content] of Object.entries(pages)) {
  test(`docs/${path} is in step with the code`, () => {
    assert.equal(readFileSync(join(docs, path), 'utf8'), content, 'write it anew: node scripts/docs.js')
  })
}

test('the page of a kind says how much of a message it shows, and shows one', () => {
  const of = Object.entries(pages).filter(
    ([path]) => path.startsWith('destinations/') && !path.endsWith('acknowledgement.md'),
  )
  for (const [path, text] of of) {
    assert.match(
      text,
      /^(?:Of a message some [\d,]+ characters are shown|A message of any length is sent whole|How long)/m,
      path,
    )
    assert.doesNotMatch(text, /```text\n\s*```/, path)
  }
})

test('what is marked as made from the code is made from it', () => {
  const marked = globSync('**/*.{md,svg}', { cwd: docs }).filter(
    path => path.endsWith('.svg') || readFileSync(join(docs, path), 'utf8').includes('<!-- Made from the code'),
  )
  assert.deepEqual(marked.toSorted(), Object.keys(pages).toSorted())
})

test('every call and every shape is described, and each property of it', () => {
  const undescribed = [...manual().models, ...modelsOf(webhookEvents)].flatMap(({ name, description, fields }) => [
    ...(/[.]$/.test(description) ? [] : [name]),
    ...fields.filter(field => !/[.`)"]$/.test(field.description)).map(field => `${name}.${field.name}`),
  ])
  assert.deepEqual(undescribed, [])
  for (const { name, summary, description } of calls)
    assert.match(`${summary}. ${description}`, /^[A-Z].+\. .+\.$/, name)
})

test('no shape hides in another without a name of its own, where its properties would not be shown', () => {
  const hidden = (schema: Schema<unknown>, path: string): string[] => {
    const inner = schema.item ? [['[]', schema.item] as const] : Object.entries(schema.fields ?? {})
    const own = schema.fields && schema.name === undefined ? [path] : []
    return [...own, ...inner.flatMap(([key, field]) => hidden(field, `${path}.${key}`))]
  }
  const asked = calls.flatMap(({ name, asks }) =>
    Object.entries(asks.fields).flatMap(([key, field]) => hidden(field, `${name}.${key}`)),
  )
  const answered = calls.flatMap(({ name, answers }) => hidden(answers, name))
  assert.deepEqual([...asked, ...answered, ...webhookEvents.flatMap(event => hidden(event, 'event'))], [])
})

test('the guide has a section for every call and every shape, and every link within docs leads somewhere', () => {
  const guide = pages['developer-guide/support.md'] ?? ''
  const { calls, models } = manual()
  for (const { name } of [...calls, ...models]) assert.ok(guide.includes(`\n### \`${name}\`\n`), name)
  for (const [path, text] of Object.entries(pages)) {
    for (const [, file = '', anchor = ''] of text.matchAll(/(?:\]\(|href=")(?!https?:)([^)#"]*)(?:#([^)"]+))?[)"]/g)) {
      const target = file === '' ? text : readFileSync(join(docs, path, '..', file), 'utf8')
      assert.ok(anchor === '' || anchors(target).has(anchor), `${path} → ${file}#${anchor}`)
    }
  }
})

/** As GitHub makes them of headings. */
const anchors = (markdown: string): ReadonlySet<string> =>
  new Set(
    [...markdown.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )

test('a webhook sends what the events’ shapes say', () => {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  const fits = ajv.compile({ oneOf: webhookEvents.map(event => jsonSchemaOf(event)) })
  const samples = bodies()
  const known = webhookEvents.flatMap(({ fields }) => fields?.type?.json.enum ?? [])
  assert.deepEqual(Object.keys(samples), known.slice(0, -1), 'the last is of the shape of the one before')
  for (const [type, body] of Object.entries(samples)) {
    assert.ok(fits(JSON.parse(body)), `${type}: ${ajv.errorsText(fits.errors)}`)
    assert.ok(!fits({ ...JSON.parse(body), more: 1 }))
  }
})

test('every metric has a meaning, and the rules for alerts name such as there are', () => {
  const page = pages['metrics.md'] ?? ''
  const names = metrics().map(({ name, help }) => {
    assert.match(help, /^[A-Z0-9].+\.$/, name)
    return name
  })
  assert.ok(names.length > 10)
  const [, rules = ''] = /```promql\n([\s\S]*?)```/.exec(page) ?? []
  const used = [...rules.matchAll(/support_relay_\w+/g)].map(([name]) => name)
  assert.deepEqual(
    used.filter(name => !names.includes(name)),
    [],
  )
  assert.ok(used.length > 3)
})

test('the pictures ask nobody for anything and say in words what they show', () => {
  for (const [path, svg] of Object.entries(pages)) {
    if (!path.endsWith('.svg')) continue
    assert.doesNotMatch(svg.replace('http://www.w3.org/2000/svg', ''), /https?:|url\(|<script|<image|@import/)
    assert.match(svg, /<title id="title">[^<]+<\/title>/)
    if (!path.includes('badge')) assert.match(svg, /<desc id="desc">[^<]{50,}<\/desc>/)
  }
})
