/** What the README tells people to copy works as it stands. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { load } from './support/config.ts'
import { run } from './support/service.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text)
const env = {
  SUPPORT_HOOK: 'https://hooks.slack.com/services/T0/B0/x',
  DEVSUPPORT_HOOK: 'https://hooks.slack.com/services/T0/B0/y',
  ARCHIVE_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  JWT_SECRET: 'a-long-shared-secret-of-somebody',
}

test('the configurations to copy are sound', () => {
  const [first = '', second = ''] = blocks('yaml')
  const auth = first.slice(first.indexOf('auth:'))
  for (const text of [first, `${second}\n${auth}`]) {
    const loaded = load({ '/home/support-relay.yaml': text }, { env })
    assert.ok('config' in loaded, JSON.stringify(loaded, null, 1))
    assert.deepEqual(loaded.warnings, [])
  }
})

test('every command of ours that it names exists', async () => {
  const named = new Set(
    [...readme.matchAll(/(?:npx )?support-relay (serve|[a-z]+(?: explain)?)(?= |`|\n)/g)].map(
      ([, command = '']) => command,
    ),
  )
  assert.ok(named.has('check') && named.has('routes explain'))
  for (const command of named) {
    if (command === 'support') continue
    const { code, stdout } = await run([...command.split(' '), '--help'])
    assert.deepEqual([code, stdout.startsWith('Usage: support-relay')], [0, true], command)
  }
})

test('every page it links to is there', () => {
  for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/guarantees.md']) {
    const text = readFileSync(join(root, page), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.ok(existsSync(join(root, page, '..', target)), `${page} → ${target}`)
    }
  }
})

test('every test that the guarantees name is there', () => {
  const text = readFileSync(join(root, 'docs', 'guarantees.md'), 'utf8')
  const files = [...text.matchAll(/`((?:test|src)\/[^`*]+\.ts)`/g)].map(([, file = '']) => file)
  assert.ok(files.length > 5)
  for (const file of files) assert.ok(existsSync(join(root, file)), file)
})
