/** docs/scaling.md: what it shows to be run, and what the help of the same commands shows, runs on a PostgreSQL. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { blocksOf, commandsOf } from './support/docs-blocks.ts'
import { soundSettings, startPatroni } from './support/patroni.ts'
import { administer } from './support/postgres.ts'
import { startPostgres } from './support/postgres-server.ts'
import { run } from './support/service.ts'
import { twoHooks } from './support/two-hooks.ts'

test('every command for a database that the page and its help show ends with 0 where all is sound', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const server = await startPostgres(['fsync=on'])
  const patroni = await startPatroni(t, '4.0.7', soundSettings)
  t.after(async () => {
    await server.end()
    rmSync(folder, { recursive: true })
  })
  const grant = 'create role owner login; create role relay login; grant create on database postgres to owner'
  await administer(`postgres://postgres@127.0.0.1:${server.port}/postgres`, grant)
  const store = `store: "postgres://owner@127.0.0.1:${server.port}/postgres"`
  writeFileSync(join(folder, 'support-relay.yaml'), `${twoHooks('http://127.0.0.1:9')}${store}\n`)

  const helps = await Promise.all(['migrate', 'doctor'].map(command => run([command, '--help'])))
  const examples = helps.flatMap(({ stdout }) => stdout.match(/^ {2}support-relay .*$/gm) ?? [])
  const shown = blocksOf('docs/scaling.md').filter(({ language }) => language === 'bash')
  // A move needs a folder to move: test/move/service.test.ts.
  const commands = [...shown.flatMap(({ text }) => commandsOf(text)), ...examples].filter(one => !/ move /.test(one))
  assert.equal(commands.length, 7)
  for (const command of commands) {
    const [, words = ''] = /^\s*(?:npx )?support-relay (.*)$/.exec(command) ?? []
    const args = words.replace(/http:\/\/db\d\.example\.org:8008/g, patroni).split(' ')
    const { code, stdout, stderr } = await run(args, { cwd: folder })
    assert.equal(code, 0, `${command}\n${stdout}${stderr}`)
    assert.notEqual(stdout, '', command)
  }
})
