import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { expand, expandTree, type Sources } from './expand.ts'
import { Findings } from './problem.ts'

const files: Record<string, Uint8Array> = {
  '/run/secret': Buffer.from('hunter2\n'),
  '/run/two-ends': Buffer.from('a\n\n'),
  '/run/windows': Buffer.from('a\r\n'),
  '/run/mark': Buffer.from('\ufeffa'),
  '/run/latin1': Buffer.from([0x61, 0xe6]),
  '/base/here': Buffer.from('found'),
}
const sources: Sources = {
  env: { NAME: 'Ada', EMPTY: '', lower_1: 'x', TRICKY: '${NAME} $& $1 $${NAME}' },
  readFile: path => {
    const bytes = files[path]
    if (bytes === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' })
    return bytes
  },
  cwd: '/base',
}

const good: [string, string][] = [
  ['plain', 'plain'],
  ['${NAME}', 'Ada'],
  ['-${NAME}-${lower_1}${NAME}', '-Ada-xAda'],
  ['a${EMPTY}b', 'ab'],
  ['${TRICKY}', '${NAME} $& $1 $${NAME}'],
  ['$${NAME}', '${NAME}'],
  ['$$${NAME}', '$${NAME}'],
  ['$NAME $ {NAME} }', '$NAME $ {NAME} }'],
  ['{{reference}}', '{{reference}}'],
  ['${file:/run/secret}', 'hunter2'],
  ['${file:/run/two-ends}', 'a\n'],
  ['${file:/run/windows}', 'a'],
  ['${file:/run/mark}', 'a'],
  ['${file:here}', 'found'],
]
for (const [text, value] of good) {
  test(`${JSON.stringify(text)} becomes ${JSON.stringify(value)}`, () => {
    const expanded = expand(text, sources)
    assert.ok(expanded.ok)
    assert.equal(expanded.value, value)
  })
}

const bad: [string, RegExp][] = [
  ['${MISSING}', /environment variable MISSING is not set/],
  ['${toString}', /environment variable toString is not set/],
  ['${}', /no name/],
  ['${two words}', /no name/],
  ['${NAME', /no closing/],
  ['${file:}', /names no file/],
  ['${file:/run/nothing}', /\/run\/nothing does not exist/],
  ['${file:/run/latin1}', /is not UTF-8/],
]
for (const [text, what] of bad) {
  test(`${text} is a problem`, () => {
    const expanded = expand(text, sources)
    assert.ok(!expanded.ok)
    assert.equal(expanded.faults.length, 1)
    assert.match(expanded.faults[0]?.what ?? '', what)
  })
}

test('all that is missing in one string is told at once', () => {
  const expanded = expand('${A}${NAME}${B}', sources)
  assert.ok(!expanded.ok)
  assert.equal(expanded.faults.length, 2)
})

test('only what was put in counts as put in', () => {
  assert.deepEqual(expand('$${NAME}', sources), { ok: true, value: '${NAME}', isInserted: false })
  assert.deepEqual(expand('${EMPTY}', sources), { ok: true, value: '', isInserted: true })
})

test('values put in are never expanded again, whatever they hold', () => {
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom('${A}', '${B}', '$${A}', '$', '{', '${', '$&', '$1', "$'", '${file:/run/secret}'),
    fc.array(fc.constantFrom('$', '{', '}', 'A', 'B', 'file:/run/secret')).map(parts => parts.join('')),
  )
  const safe = fc.string().map(text => text.replaceAll('$', ''))
  fc.assert(
    fc.property(value, value, fc.array(fc.oneof(safe, fc.constantFrom('${A}', '${B}'))), (a, b, parts) => {
      const expanded = expand(parts.join(''), { ...sources, env: { A: a, B: b } })
      assert.ok(expanded.ok)
      assert.equal(expanded.value, parts.map(part => (part === '${A}' ? a : part === '${B}' ? b : part)).join(''))
    }),
  )
})

test('the same holds for the content of files', () => {
  fc.assert(
    fc.property(fc.string(), content => {
      const expanded = expand('<${file:/x}>', { ...sources, readFile: () => Buffer.from(`${content}.\n`) })
      assert.deepEqual(expanded, {
        ok: true,
        value: `<${Buffer.from(`${content}.`)
          .toString()
          .replace(/^\ufeff/, '')}>`,
        isInserted: true,
      })
    }),
  )
})

test('in the tree, what is missing is told at its place and silent afterwards', () => {
  const place = { file: 'c.yaml', line: 3, column: 5, key: 'auth.issuer' }
  const findings = new Findings()
  const found = expandTree(
    { kind: 'scalar', place, value: '${MISSING}', source: '${MISSING}', isInserted: false },
    sources,
    findings,
  )
  assert.deepEqual(found, { kind: 'broken', place })
  assert.deepEqual(findings.problems, [
    {
      ...place,
      what: 'The environment variable MISSING is not set.',
      fix: 'Set MISSING in the environment of the service.',
    },
  ])
})
