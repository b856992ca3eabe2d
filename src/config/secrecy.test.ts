/** Whatever is wrong, and wherever a secret was put by mistake: no problem and no warning shows it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { load, loadChanged, SOUND } from '../../test/support/config.ts'

const found = (loaded: ReturnType<typeof load>) => [
  ...('problems' in loaded ? loaded.problems : []),
  ...loaded.warnings,
]

const SECRET = 'hunter2-T0/B0/xyz'
const misplaced: [string, (text: string) => string][] = [
  ['becomes a key, for want of a space', text => text.replace(/url: "https:[^"]+"/, `url:https://x/${SECRET}`)],
  ['is a key of the whole file', text => `${text}"https://x/${SECRET}": 1\n`],
  ['is a key given twice', text => `${text}? "https://x/${SECRET}"\n? "https://x/${SECRET}"\n`],
  ['stands for the name of a destination', text => text.replace('archive:', `"https://x/${SECRET}":`)],
  ['stands for a whole destination', text => text.replace(/support: \{.*\}/, `support: https://x/${SECRET}`)],
  ['stands in a list', text => text.replace(/url: "https:[^"]+"/, `url: ["https://x/${SECRET}"]`)],
  ['stands for the kind', text => text.replace('kind: slack', `kind: "https://x/${SECRET}"`)],
  ['stands in a route', text => text.replace('to: [support] }', `to: ["https://x/${SECRET}"] }`)],
  ['stands for the store', text => `${text}store: "postgres://me:${SECRET}@h/db"\n`],
  ['is an address of another kind', text => text.replace(/"https:[^"]+"/, `"ftp://x/${SECRET}"`)],
  ['is a password inside an address', text => text.replace(/"https:[^"]+"/, `"https://me:${SECRET}@x/y"`)],
  ['follows a broken quote', text => `${text}a: "b" ${SECRET}: ${SECRET}\n`],
]
for (const [what, change] of misplaced) {
  test(`a secret that ${what} is not shown`, () => {
    const problems = found(loadChanged(change))
    assert.ok(problems.length > 0)
    assert.doesNotMatch(JSON.stringify(problems), /hunter2|xyz/)
  })
}

/** The sound file with every one of `keys` inserted from the environment. */
const inserted = `
auth: { issuer: "\${V}", sharedSecret: "\${V}" }
server: { port: "\${V}" }
network: { allow: ["\${V}"] }
store: "\${V}"
destinations:
  support: { kind: slack, url: "\${V}", rate: "\${V}", timeout: "\${V}", concurrency: "\${V}" }
  other: { kind: "\${V}" }
  archive: { kind: webhook, url: "\${V}", secret: "\${V}" }
routes:
  - { when: { type: "\${V}", mailDomain: "\${V}" }, to: archive }
  - { to: ["\${V}"] }
`
test('a value from the environment is shown in no problem, whichever key it is wrong for', () => {
  const value = fc
    .tuple(
      fc.constantFrom('', 'https://x/', 'postgres://', '-----BEGIN X-----', 'whsec_'),
      fc.string(),
      fc.constantFrom('', '\n', ' ', '@'),
    )
    .map(([start, middle, end]) => `${start}hunter2${middle}${end}`)
  fc.assert(
    fc.property(value, env => {
      const loaded = load({ '/home/support-relay.yaml': inserted }, { env: { V: env } })
      assert.ok('problems' in loaded && loaded.problems.length >= 8)
      assert.doesNotMatch(JSON.stringify(found(loaded)), /hunter2/)
    }),
  )
})

test('what is missing for several keys is told for each of them, and only once', () => {
  const loaded = load({ '/home/support-relay.yaml': inserted })
  const places = found(loaded).map(({ line, column }) => `${line}:${column}`)
  assert.equal(places.length, inserted.split('${V}').length - 1)
  assert.equal(new Set(places).size, places.length)
  assert.ok(found(loaded).every(({ what }) => what === 'The environment variable V is not set.'))
})

test('an empty value from the environment is told as such', () => {
  const loaded = load(
    { '/home/support-relay.yaml': SOUND.replace('cloud.sdu.dk', '${V}').replace('issuer: ${V}', 'issuer: "${V}"') },
    { env: { V: '' } },
  )
  assert.match(
    found(loaded)
      .map(({ key, what }) => `${key} ${what}`)
      .join(),
    /auth\.issuer .*from outside holds nothing/,
  )
})
