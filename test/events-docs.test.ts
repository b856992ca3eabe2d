/** docs/events.md: the check of a signature that it shows takes what the service sends, and nothing else. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'
import { webhookEvents } from '../src/api/events.ts'
import { modelsOf } from '../src/api/manual.ts'
import { signedHeaders } from '../src/destinations/standard-webhooks.ts'
import { compiled } from './support/compiled.ts'
import { blocksOf } from './support/docs-blocks.ts'
import { HOOK_SECRET } from './support/service.ts'

const blocks = blocksOf('docs/events.md')

test('the check by hand takes genuine webhooks only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  try {
    const file = join(folder, 'check.mjs')
    const [example, ...more] = blocks.filter(({ language }) => language === 'js')
    assert.equal(more.length, 0)
    writeFileSync(file, example?.text ?? '')
    const { isGenuine } = await import(pathToFileURL(file).href)
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
    const now = Date.now()
    const body = '{"type":"ticket.created"}'
    const ask = (secrets: string[], at = now, text = body) =>
      isGenuine(signedHeaders({ id: 'd1', at, body }, secrets), Buffer.from(text), HOOK_SECRET, now)
    assert.equal(ask([HOOK_SECRET]), true)
    assert.equal(ask([other, HOOK_SECRET]), true)
    assert.equal(ask([other]), false)
    assert.equal(ask([HOOK_SECRET], now, `${body} `), false)
    assert.equal(ask([HOOK_SECRET], now - 301_000), false)
    assert.equal(isGenuine({}, Buffer.from(body), HOOK_SECRET), false)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('its shapes are TypeScript', () => {
  const shown = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text)
  const shared = modelsOf(webhookEvents)
    .map(({ name }) => name)
    .filter(name => !shown.join('').includes(`type ${name} =`))
  assert.equal(compiled(`${shared.map(name => `type ${name} = object`).join('\n')}\n${shown.join('\n')}`), '')
})
