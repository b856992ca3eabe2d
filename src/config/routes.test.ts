/** The rules that a file's routes must keep, and what becomes of them. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { loadChanged } from '../../test/support/config.ts'

const read = (rules: string) => {
  const loaded = loadChanged(text => `${text.slice(0, text.indexOf('routes:'))}routes:\n${rules}`)
  return {
    routes: 'config' in loaded ? loaded.config.routes : undefined,
    told: ('problems' in loaded ? loaded.problems : loaded.warnings).map(
      ({ line, key, what, fix }) => `${line} ${key}: ${what} ${fix}`,
    ),
  }
}

test('a single value and a list say the same', () => {
  const one = read('  - { when: { type: BUG, text: refund }, to: archive }\n  - { to: support }\n')
  const list = read('  - { when: { type: [BUG], text: [refund] }, to: [archive] }\n  - { to: [support] }\n')
  assert.deepEqual(one, list)
  assert.deepEqual(one.routes?.[0], { when: { type: ['BUG'], text: ['refund'] }, to: ['archive'] })
})

test('every condition is read; ids are kept as typed and mail domains in small letters', () => {
  const { routes } = read(
    '  - { when: { type: [none, QUESTION], role: ADMIN, organization: SDU, mailDomain: SDU.dk, project: [123, a] }, to: archive }\n  - { to: support }\n',
  )
  const when = {
    type: ['none', 'QUESTION'],
    role: ['ADMIN'],
    organization: ['SDU'],
    mailDomain: ['sdu.dk'],
    project: ['123', 'a'],
  }
  assert.deepEqual(routes?.[0]?.when, when)
})

const last = '  - { to: [support, archive] }\n'
const wrong: [string, string, RegExp][] = [
  [
    'a "when" with nothing behind it',
    `  - when:\n    to: support\n${last}`,
    /routes\[0\]\.when: "when" asks for nothing/,
  ],
  ['an empty "when"', `  - { when: {}, to: support }\n${last}`, /"when" asks for nothing/],
  ['a "when" of empty keys', `  - { when: { type: }, to: support }\n${last}`, /"when" asks for nothing/],
  ['no "to"', `  - { when: { type: BUG } }\n${last}`, /routes\[0\]\.to: "to" is missing/],
  ['an empty "to"', `  - { when: { type: BUG }, to: [] }\n${last}`, /The list is empty/],
  ['two fallbacks', `${last}${last}`, /routes\[0\]: This rule has no `when`/],
  [
    'a mail address for a domain',
    `  - { when: { mailDomain: "ada@sdu.dk" }, to: support }\n${last}`,
    /Leave out what stands before the @/,
  ],
  ['a pattern for a domain', `  - { when: { mailDomain: "*.sdu.dk" }, to: support }\n${last}`, /"\*\."/],
  [
    'a role nobody has',
    `  - { when: { role: admin }, to: support }\n${last}`,
    /"admin" is not one of USER, ADMIN.*Did you mean "ADMIN"/,
  ],
  [
    'a misspelt destination',
    `  - { when: { type: BUG }, to: suport }\n${last}`,
    /Did you mean "support"\? There are: support, archive/,
  ],
]
for (const [what, rules, expected] of wrong) {
  test(`routes are refused for ${what}`, () => {
    const { routes, told } = read(rules)
    assert.equal(routes, undefined)
    assert.equal(told.length, 1, told.join('\n'))
    assert.match(told[0] ?? '', expected)
  })
}

test('a rule that is no group of keys, and routes that are no list, are told with what they must be', () => {
  assert.match(read(`  - support\n${last}`).told.join(), /routes\[0\]: A group of keys must stand here, not a text/)
  assert.match(read('  to: support\n').told.join(), /routes: Here stands a group of keys; it must be a list of rules/)
})

test('a destination named twice in a rule gets the ticket once, with a warning', () => {
  const { routes, told } = read('  - { to: [support, archive, support] }\n')
  assert.deepEqual(routes, [{ when: null, to: ['support', 'archive'] }])
  assert.match(told.join(), /named twice/)
})
