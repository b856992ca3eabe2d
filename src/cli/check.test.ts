/** What `check` prints, to the letter: a person reads it, so a change here is a change somebody meant. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { load, loadChanged } from '../../test/support/config.ts'
import type { Loaded } from '../config/config.ts'
import { summarize } from '../config/summary.ts'
import { destinationKinds } from '../destinations/index.ts'
import { check } from './check.ts'
import { findingLines } from './findings.ts'
import type { Io } from './io.ts'
import { table } from './table.ts'

const paper = () => {
  const out: string[] = []
  const err: string[] = []
  const io: Io = { out: line => out.push(line), err: line => err.push(line), env: {}, cwd: '/home' }
  return { io, out, err }
}
const checked = async (loaded: Loaded, options: Parameters<typeof check>[0] = {}) => {
  const { io, out, err } = paper()
  const code = await check(options, io, { loadConfig: () => loaded, summarize })
  return { code, out, err }
}
const lines = (text: string) => text.replace(/^\n|\n$/g, '').split('\n')

const KINDS = destinationKinds
  .filter(kind => !kind.evaluationOnly)
  .map(({ kind }) => kind)
  .join(', ')

test('check of a sound file', async () => {
  const { code, out, err } = await checked(loadChanged(text => text))
  assert.deepEqual([code, err], [0, []])
  assert.deepEqual(
    out,
    lines(`
./support-relay.yaml is sound.

Listens on    http://127.0.0.1:8080
Metrics on    http://127.0.0.1:7867/metrics
Keeps data in /home/data
Keeps         tickets 730d, attempts 90d
Accepts       tokens of "cloud.sdu.dk", HS512 (shared secret)
Announces to  the first chat or mailbox of the team that works

Destinations
  support  Slack    rate 1/s, 1 at once, 15s    url: (secret)
  archive  Webhook  rate none, 16 at once, 15s  url: (secret), secret: (secret)

Routes
  1  type: BUG, mailDomain: sdu.dk or aau.dk  -> support, archive
  2  everything else                          -> support
`),
  )
})

test('check without a file says that it is the evaluation mode', async () => {
  const { code, out } = await checked(load({}))
  assert.equal(code, 0)
  assert.equal(out[0], 'No configuration: the evaluation mode, for trying out on this machine.')
  assert.ok(out.includes('  devsupport  Local page  rate none, 4 at once, 15s'))
})

test('check of a wrong file, on the error output only', async () => {
  const loaded = loadChanged(
    text => text.replace('kind: slack', 'kind: slak').replace('of-somebody"', 'of-somebody "'),
    {
      port: 'x',
    },
  )
  const { code, out, err } = await checked(loaded)
  assert.deepEqual([code, out], [2, []])
  assert.deepEqual(
    err,
    lines(`
2 problems:

--port
    "x" is not a whole number from 0 to 65535.
    Fix: Write a whole number from 0 to 65535.

./support-relay.yaml:4:20  destinations.support.kind
    "slak" is not a known kind of destination.
    Fix: Write one of ${KINDS}. Did you mean "slack"?

1 warning:

./support-relay.yaml:2:45  auth.sharedSecret
    The value begins or ends with white space, which counts as part of it.
    Fix: Remove it if it is not meant.

`),
  )
})

test('check hands --config, --port and --data on, and asks for nothing else', async () => {
  const asked: unknown[] = []
  const { io } = paper()
  const loadConfig = (options: unknown) => {
    asked.push(options)
    return loadChanged(text => text)
  }
  await check({ config: 'a.yaml', port: '1', data: 'd', json: true }, io, { loadConfig, summarize })
  assert.deepEqual(asked, [{ config: 'a.yaml', port: '1', data: 'd' }])
})

test('check --json of a sound file has its configuration, of a wrong one its problems with their places', async () => {
  const sound = await checked(
    loadChanged(text => text.replace('of-somebody"', 'of-somebody "')),
    { json: true },
  )
  assert.deepEqual([sound.code, sound.err, sound.out.length], [0, [], 1])
  const document = JSON.parse(sound.out[0] ?? '')
  assert.deepEqual(Object.keys(document), ['ok', 'file', 'problems', 'warnings', 'configuration'])
  assert.equal(document.warnings[0].key, 'auth.sharedSecret')
  assert.equal(document.configuration.destinations[1].kind, 'webhook')
  const wrong = await checked(
    loadChanged(text => text.replace('kind: slack', 'kind: slak')),
    { json: true },
  )
  assert.deepEqual([wrong.code, wrong.err, wrong.out.length], [2, [], 1])
  const { ok, configuration, problems } = JSON.parse(wrong.out[0] ?? '')
  assert.deepEqual([ok, configuration, problems[0].line, problems[0].column], [false, null, 4, 20])
})

test('what was found at one place stands together, and what has no place is of the command line', () => {
  const at = { file: 'c.yaml', line: 1, column: 2, key: 'a', fix: 'Mend it.' }
  const nowhere = { file: null, line: null, column: null, key: '', what: 'Third.', fix: 'Mend it.' }
  const problems = [{ ...at, what: 'First.' }, { ...at, what: 'Second.' }, nowhere]
  assert.deepEqual(
    findingLines({ problems, warnings: [] }),
    lines(`
3 problems:

c.yaml:1:2  a
    First.
    Fix: Mend it.
    Second.
    Fix: Mend it.

command line
    Third.
    Fix: Mend it.

`),
  )
  assert.deepEqual(findingLines({ warnings: [] }), [])
})

test('a table has columns as wide as their widest cell, and no white space at the ends', () => {
  assert.deepEqual(
    table([
      ['a', 'bb'],
      ['ccc', ''],
    ]),
    ['  a    bb', '  ccc'],
  )
  assert.deepEqual(table([]), [])
})
