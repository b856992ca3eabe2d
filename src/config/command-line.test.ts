/** `--port` and `--data`: they win over the file, and are checked like it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { load, loadChanged } from '../../test/support/config.ts'

const same = (text: string) => text

for (const [option, pattern] of [
  [{ port: '' }, /^--port: .*whole number/],
  [{ port: '65536' }, /^--port: "65536" is not/],
  [{ port: '80a' }, /^--port: "80a" is not/],
  // An unset variable (`--data "$DATA"`) would else put the store into the working directory.
  [{ data: '' }, /^--data: The value is empty/],
  [{ data: 'postgres://me:hunter2@h/db' }, /^--data: .*path of a folder is expected/],
] as const) {
  for (const [mode, read] of [
    ['with a file', (options: object) => loadChanged(same, options)],
    ['in the evaluation mode', (options: object) => load({}, options)],
  ] as const) {
    test(`${JSON.stringify(option)} is a problem ${mode}`, () => {
      const loaded = read(option)
      assert.ok('problems' in loaded)
      assert.equal(loaded.problems.length, 1)
      const [problem] = loaded.problems
      assert.match(`${problem?.key}: ${problem?.what}`, pattern)
      assert.doesNotMatch(JSON.stringify(problem), /hunter2/)
      assert.equal(problem?.file, null)
    })
  }
}

test('a wrong option is told together with what is wrong in the file, first', () => {
  const loaded = loadChanged(text => text.replace('kind: slack', 'kind: slak'), { port: 'x', data: '' })
  assert.ok('problems' in loaded)
  assert.deepEqual(
    loaded.problems.map(({ key }) => key),
    ['--port', '--data', 'destinations.support.kind'],
  )
})

test('after a wrong option the evaluation mode writes no secrets', () => {
  for (const option of [{ port: 'x' }, { data: '' }]) {
    const files: Record<string, string> = {}
    load(files, option)
    assert.deepEqual(Object.keys(files), [])
  }
})

test('the evaluation mode honours both', () => {
  const files: Record<string, string> = {}
  const loaded = load(files, { port: '9000', data: 'there' })
  assert.ok('config' in loaded)
  assert.deepEqual([loaded.config.server.port, loaded.config.store.folder], [9_000, '/home/there'])
  assert.deepEqual(Object.keys(files), ['/home/there/evaluation-secrets.json'])
})

for (const [hosts, isProblem] of [
  ['server: { host: 0.0.0.0, port: 9000 }\nmetrics: { port: 9000 }', true],
  ['server: { port: 9000 }\nmetrics: { host: "::", port: 9000 }', true],
  ['server: { port: 9000 }\nmetrics: { port: 9000 }', true],
  ['server: { port: 9000 }\nmetrics: { host: 127.0.0.2, port: 9000 }', false],
  ['server: { host: 0.0.0.0, port: 9000 }\nmetrics: { port: 9001 }', false],
  ['server: { port: 0 }\nmetrics: { port: 0 }', false],
] as const) {
  test(`${hosts.replace('\n', ' and ')} ${isProblem ? 'take the same port, which is told' : 'do not collide'}`, () => {
    const loaded = loadChanged(text => `${text}${hosts}\n`)
    assert.deepEqual(
      'problems' in loaded ? loaded.problems.map(({ key }) => key) : [],
      isProblem ? ['metrics.port'] : [],
    )
  })
}

test('a port from the command line can collide too', () => {
  const loaded = loadChanged(same, { port: '7867' })
  assert.match(JSON.stringify('problems' in loaded && loaded.problems), /same port as the service, 7867/)
})
