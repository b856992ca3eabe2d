/** `--from` and `--to`: expanded and checked like the configuration, and no password spelled out. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { readMoveOptions } from './move-options.ts'

const PASSWORD = 'p@ss/w%rd'
const read = (typed: { from?: string; to?: string }) =>
  readMoveOptions(
    { from: './data', ...typed },
    {
      env: { NAME: encodeURIComponent(PASSWORD), URL: 'postgres://me:hunter2@h/db', WHERE: 'there' },
      cwd: '/home',
      files: {
        read: path => Buffer.from(path === '/run/secret' ? 'from-a-file\n' : assert.fail(path)),
        create: () => 'exists',
      },
    },
  )

for (const [to, password] of [
  ['postgres://me@h/db', null],
  ['postgres://me:${NAME}@h/db', PASSWORD],
  ['postgres://me:${file:/run/secret}@h1,h2:5433/db', 'from-a-file'],
  ['${URL}', 'hunter2'],
] as const) {
  test(`${to} is understood`, () => {
    const options = read({ to, from: '${WHERE}/data' })
    assert.ok('folder' in options, JSON.stringify(options))
    assert.deepEqual([options.folder, options.address?.password], ['/home/there/data', password])
  })
}

for (const [to, why] of [
  ['postgres://me:hunter2@h/db', /seen by everybody/],
  ['postgresql://me:hunter2${NAME}@h/db', /seen by everybody/],
  ['postgres://:hunter2@h/db', /seen by everybody/],
  ['postgres://me:hunter2/x@h/db', /is not of the form/],
  ['postgres://me:${NOTHING}@h/db', /NOTHING is not set/],
  ['mysql://me@h/hunter2', /is not a postgres:/],
  ['', /is not a postgres:/],
] as const) {
  test(`${to || 'nothing'} is a problem, told without what stands there`, () => {
    const options = read({ to })
    assert.ok('problems' in options)
    assert.equal(options.problems.length, 1)
    assert.deepEqual([options.problems[0]?.key, options.problems[0]?.file], ['--to', null])
    assert.match(options.problems[0]?.what ?? '', why)
    assert.doesNotMatch(JSON.stringify(options), /hunter2/)
  })
}

test('an address as --from is a problem', () => {
  const options = read({ from: 'postgres://me@h/db' })
  assert.match(JSON.stringify(options), /--from.*path of a folder is expected/)
})
