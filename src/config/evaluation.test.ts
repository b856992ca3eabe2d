import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { load } from '../../test/support/config.ts'
import { systemFiles } from './files.ts'

const SECRETS = '/home/data/evaluation-secrets.json'

test('without a configuration it listens on loopback only, with a raised limit and two local destinations', () => {
  const loaded = load({})
  if (!('config' in loaded)) throw new Error('it is sound')
  const { config, file } = loaded
  assert.equal(file, null)
  assert.deepEqual(
    [config.server.host, config.server.port, config.limits.ticketsPerUserPerHour],
    ['127.0.0.1', 8080, 1_000],
  )
  assert.deepEqual(
    config.destinations.map(({ name, kind }) => [name, kind.kind]),
    [
      ['devsupport', 'local'],
      ['support', 'local'],
    ],
  )
  assert.deepEqual(config.routes, [
    { when: { type: ['BUG'] }, to: ['devsupport'] },
    { when: null, to: ['support'] },
  ])
})

test('its secrets are made once and used again', () => {
  const files: Record<string, string> = {}
  const first = load(files, { randomBytes: count => new Uint8Array(count).fill(1) })
  const second = load(files, { randomBytes: count => new Uint8Array(count).fill(2) })
  assert.ok('config' in first && 'config' in second)
  assert.deepEqual(second.config.auth, first.config.auth)
  assert.deepEqual(second.config.evaluation?.loginSecret, first.config.evaluation?.loginSecret)
  assert.ok(files[SECRETS])
})

test('a command that only looks writes none', () => {
  const files: Record<string, string> = {}
  assert.ok('config' in load(files, { mayWrite: false }))
  assert.deepEqual(files, {})
})

for (const [what, content] of [
  ['is torn', '{"sharedSecret":"abc'],
  ['is empty', ''],
  ['holds something else', '{"hello":"world"}'],
]) {
  test(`a file of secrets that ${what} is a problem that names it, and is left alone`, () => {
    const files: Record<string, string> = { [SECRETS]: content ?? '' }
    const loaded = load(files)
    assert.ok('problems' in loaded)
    assert.match(JSON.stringify(loaded.problems), /evaluation-secrets\.json/)
    assert.equal(files[SECRETS], content)
  })
}

test('on a real disk the file belongs to its owner alone, and two that come at once agree', () => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const path = join(folder, 'data', 'secrets.json')
  assert.deepEqual([systemFiles.create(path, 'first'), systemFiles.create(path, 'second')], ['created', 'exists'])
  assert.equal(readFileSync(path, 'utf8'), 'first')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  rmSync(folder, { recursive: true })
})

test('a configuration under a name that is not looked for is told, since the evaluation mode is not what was meant', () => {
  const loaded = load({ '/home/support-relay.yml': 'auth: {}' })
  assert.ok('config' in loaded && loaded.config.evaluation !== null)
  assert.match(
    loaded.warnings.map(({ file, what }) => `${file} ${what}`).join(),
    /support-relay\.yml This file is not read/,
  )
})
