import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Found, readDocument } from './document.ts'
import { Findings } from './problem.ts'

const read = (source: string) => {
  const findings = new Findings()
  const root = readDocument(source, 'c.yaml', findings)
  return { root, problems: findings.problems.map(p => `${p.line}:${p.column} ${p.key} ${p.what} ${p.fix}`) }
}

/** The tree as `path@line:column=value` lines. */
const flat = (found: Found): string[] => {
  const at = `${found.place.key}@${found.place.line}:${found.place.column}`
  switch (found.kind) {
    case 'scalar':
      return [`${at}=${JSON.stringify(found.value)}`]
    case 'list':
      return found.items.flatMap(flat)
    case 'group':
      return [...found.entries.values()].flatMap(entry => flat(entry.value))
    case 'broken':
      return [`${at} broken`]
  }
}

test('every value knows its path, line and column', () => {
  const { root, problems } = read(
    'server:\n  port: 80\nroutes:\n  - when: { type: BUG }\n    to: [a, "b"]\n  - to: c\nnothing:\n',
  )
  assert.deepEqual(problems, [])
  assert.ok(root)
  assert.deepEqual(flat(root), [
    'server.port@2:9=80',
    'routes[0].when.type@4:19="BUG"',
    'routes[0].to[0]@5:10="a"',
    'routes[0].to[1]@5:13="b"',
    'routes[1].to@6:9="c"',
    'nothing@7:9=null',
  ])
})

test('a number keeps what was typed beside what it is taken for', () => {
  const { root } = read('id: 0123')
  assert.ok(root?.kind === 'group')
  const id = root.entries.get('id')?.value
  assert.ok(id?.kind === 'scalar')
  assert.equal(id.value, 123)
  assert.equal(id.source, '0123')
})

test('a key given twice is told at the second, with the line of the first; every one of them', () => {
  const { root, problems } = read('a: 1\nb: {c: 1, c: 2}\na: 2\n')
  assert.ok(root)
  assert.deepEqual(problems, [
    '2:11 b.c The key "c" is given twice; the first is in line 2. Keep one of them.',
    '3:1 a The key "a" is given twice; the first is in line 1. Keep one of them.',
  ])
})

const faults: [string, string, RegExp][] = [
  ['a tab', '\ta: 1\n', /1:1 .*tab.*spaces/],
  ['two colons', 'a: b: c\n', /1:4 .*two colons.*quotes/],
  ['an open quote', "a: 'b\n", /2:1 .*missing/],
  ['an open bracket', 'a: {b: 1\n', /2:1 .*bracket/],
  ['wrong indentation', 'a:\n  b: 1\n c: 2\n', /3:1 .*indentation/],
  [
    'an insertion without quotes inside brackets',
    'a: { kind: slack, url: ${X}, rate: 1/s }\n',
    /1:25 .*Put it in quotes: "\$\{NAME\}"/,
  ],
  ['two documents', 'a: 1\n---\nb: 1\n', /2:1 .*second document/],
  ['an unknown tag', 'a: !vault x\n', /1:4 .*tag/],
  ['an unknown alias', 'a: *x\n', /1:4 .*alias/],
  ['a reserved character', 'a: @x\n', /1:4 .*quotes/],
  ['a list as a key', '? [a]\n: 1\n', /1:3 .*key/],
  ['a list and a group mixed', '- a\nb: 1\n', /2:1 .*does not expect/],
]
for (const [name, source, expected] of faults) {
  test(`invalid YAML is told with its place and a fix: ${name}`, () => {
    const { problems } = read(source)
    assert.equal(problems.length, 1)
    assert.match(problems[0] ?? '', expected)
  })
}

test('several syntax errors are told at once, one for a line', () => {
  assert.equal(read('a: @x\nb: @y\nc: b: c: d\n').problems.length, 3)
})

test('a syntax error never quotes the file', () => {
  for (const source of [
    '- a\nhunter2: hunter2\n',
    'a: {b: hunter2: hunter2',
    '"hunter2" hunter2: hunter2',
    'a: "\\hunter2"',
    'a: !hunter2 x',
    'a: *hunter2',
  ]) {
    assert.ok(read(source).problems.length > 0)
    assert.doesNotMatch(read(source).problems.join(), /hunter2/)
  }
})

test('an alias is read where it stands', () => {
  const { root } = read('a: &x {b: 1}\nc: *x\n')
  assert.ok(root)
  assert.deepEqual(flat(root), ['a.b@1:11=1', 'c.b@1:11=1'])
})

test('aliases that multiply are stopped, and told once', () => {
  const source = [
    'a: &a [x,x]',
    ...'bcdefghij'.split('').map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[i]}`)}]`),
  ].join('\n')
  const { problems } = read(source)
  assert.equal(problems.length, 1)
  assert.match(problems[0] ?? '', /more than 100/)
})

test('an alias of what it stands in ends too', () => {
  assert.match(read('a: &a [*a]').problems.join(), /more than 100/)
})

test('an empty file is a tree with nothing in it', () => {
  for (const source of ['', '# only a comment\n']) {
    const { root, problems } = read(source)
    assert.deepEqual(problems, [])
    assert.ok(root?.kind === 'scalar' && root.value === null)
  }
})
