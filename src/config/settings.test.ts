/** Settings are read by what a kind says of itself, whichever kind it is. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { load, SOUND } from '../../test/support/config.ts'
import type { DestinationKind } from '../domain/destination.ts'

const odd: DestinationKind = {
  kind: 'odd',
  title: 'Odd',
  documentation: 'https://odd.example/docs',
  settings: {
    url: { title: 'Address', type: 'url' },
    room: { title: 'Room', type: 'text', problem: value => (value === 'attic' ? `There is no ${value}.` : undefined) },
    token: {
      title: 'Token',
      type: 'secret',
      optional: true,
      problem: value => (value.startsWith('t') ? undefined : `${value} is no token.`),
    },
    keys: { title: 'Keys', type: 'secrets', optional: true },
  },
  rate: { count: 2, perMs: 1_000 },
  concurrency: 7,
  levels: ['rich'],
  start: () => ({ method: 'GET', url: 'https://odd.example', headers: {}, body: '' }),
  notice: () => {
    throw new Error('not sent here')
  },
  next: () => ({ kind: 'delivered' }),
}

const read = (settings: string) => {
  const file = `auth: { issuer: i, sharedSecret: "${'s'.repeat(64)}" }\ndestinations:\n  a: { kind: odd, ${settings} }\nroutes: [{ to: a }]\n`
  const loaded = load({ '/home/support-relay.yaml': file }, { kinds: [odd] })
  return {
    destination: 'config' in loaded ? loaded.config.destinations[0] : undefined,
    told: ('problems' in loaded ? loaded.problems : loaded.warnings).map(
      ({ key, what, fix }) => `${key}: ${what} ${fix}`,
    ),
  }
}

const taken: [string, string, Record<string, string | string[]>][] = [
  ['only what is required', 'url: https://x, room: r', { url: 'https://x', room: 'r' }],
  ['one secret of several', 'url: https://x, room: r, keys: k', { url: 'https://x', room: 'r', keys: ['k'] }],
  [
    'several secrets',
    'url: https://x, room: r, token: t, keys: [k, "1"]',
    { url: 'https://x', room: 'r', token: 't', keys: ['k', '1'] },
  ],
  [
    'an id that every YAML reader writes alike',
    'url: https://x, room: -1001557912345',
    { url: 'https://x', room: '-1001557912345' },
  ],
  ['a number in quotes, as it stands', 'url: https://x, room: "0123"', { url: 'https://x', room: '0123' }],
  ['an optional key with nothing behind it', 'url: https://x, room: r, token: ', { url: 'https://x', room: 'r' }],
]
for (const [what, settings, expected] of taken) {
  test(`settings may hold ${what}`, () => {
    const { destination, told } = read(settings)
    assert.deepEqual(told, [])
    assert.deepEqual(destination?.settings, expected)
    assert.deepEqual([destination?.rate, destination?.concurrency], [{ count: 2, perMs: 1_000 }, 7])
  })
}

const refused: [string, string, RegExp][] = [
  ['a missing one', 'url: https://x', /a\.room: "room" is missing/],
  ['an unknown one', 'url: https://x, room: r, tokn: t', /a\.tokn: "tokn" is not a known key.*Did you mean "token"/],
  ['an address without https', 'url: x.example, room: r', /a\.url: The address is not a whole web address/],
  ['an address of another protocol', 'url: ftp://x, room: r', /a\.url: .*does not begin with https/],
  ['an address with a password', 'url: https://a:b@x, room: r', /a\.url: .*user name or password/],
  ['an address with white space', 'url: "https://x /y", room: r', /a\.url: .*white space/],
  ['an address with a fragment', 'url: https://x/#y, room: r', /a\.url: .*fragment/],
  [
    'what the kind objects to',
    'url: https://x, room: attic',
    /a\.room: There is no …\. Correct "Room"\. See https:\/\/odd\.example\/docs/,
  ],
  ['a secret the kind objects to, unseen', 'url: https://x, room: r, token: nottee', /a\.token: … is no token/],
  ['an id with leading zeros', 'url: https://x, room: 0123', /a\.room: .*in quotes/],
  ['an id with more digits than a number has', 'url: https://x, room: 12345678901234567890', /a\.room: .*in quotes/],
  ['an id like an exponent', 'url: https://x, room: 1e5', /a\.room: .*in quotes/],
  ['a truth value', 'url: https://x, room: true', /a\.room: .*in quotes/],
  ['a number as a secret', 'url: https://x, room: r, token: 123', /a\.token: .*in quotes/],
  ['a number among secrets', 'url: https://x, room: r, keys: [k, 12]', /a\.keys\[1\]: .*in quotes/],
  ['no secret at all in a list', 'url: https://x, room: r, keys: []', /a\.keys: The list is empty/],
  ['a line break in a secret', 'url: https://x, room: r, token: "t\\nX-Evil: 1"', /a\.token: .*line break/],
  ['a line break in a text', 'url: https://x, room: "r\\u2028s"', /a\.room: .*line break/],
  ['a blank text', 'url: https://x, room: "  "', /a\.room: .*empty/],
]
for (const [what, settings, expected] of refused) {
  test(`settings are refused for ${what}`, () => {
    const { destination, told } = read(settings)
    assert.equal(destination, undefined)
    assert.equal(told.length, 1, told.join('\n'))
    assert.match(told[0] ?? '', expected)
  })
}

test('white space around a secret is a warning, since it may be meant', () => {
  assert.match(read('url: https://x, room: r, token: "t "').told.join(), /a\.token: .*white space/)
})

test('a login without its password, or the reverse, is told with what to do; of a secret nothing but its name', () => {
  for (const kind of ['email', 'acknowledgement']) {
    const told = (login: string) => {
      const to = kind === 'email' ? 'to' : 'replyTo'
      const own = `kind: ${kind}, smtp: "smtp://mail.example.org", from: a@example.org, ${to}: b@example.org`
      const file = SOUND.replace('destinations:\n', `destinations:\n  mail: { ${own}${login} }\n`)
      const loaded = load({ '/home/support-relay.yaml': file.replace('to: [support] }', 'to: [support, mail] }') })
      return 'problems' in loaded ? loaded.problems.map(({ key, what, fix }) => `${key}: ${what} ${fix}`) : []
    }
    assert.deepEqual(told(', username: relay'), [
      'destinations.mail.username: "username" stands here without "password", so it would not be used. Add "password", or remove "username".',
    ])
    assert.deepEqual(told(', password: hunter22'), [
      'destinations.mail.password: "password" stands here without "username", so it would not be used. Add "username", or remove "password".',
    ])
    assert.deepEqual(told(', username: relay, password: hunter22'), [])
    assert.deepEqual(told(''), [])
  }
})
