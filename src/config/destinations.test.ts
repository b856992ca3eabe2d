/** What every destination has, whatever its kind: a name, a pace, a time limit, an address that can be reached. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { loadChanged } from '../../test/support/config.ts'

const read = (change: (text: string) => string) => {
  const loaded = loadChanged(change)
  return {
    destinations: 'config' in loaded ? loaded.config.destinations : undefined,
    told: [...('problems' in loaded ? loaded.problems : []), ...loaded.warnings].map(
      ({ key, what, fix }) => `${key}: ${what} ${fix}`,
    ),
  }
}
const named = (name: string) => read(text => text.replaceAll('archive', name))
const slack = (keys: string) => {
  const { destinations, told } = read(text => text.replace('kind: slack,', `kind: slack, ${keys},`))
  return { destination: destinations?.[0], told }
}

for (const name of ['a', '7', '01', '1e5', 'a-b', 'constructor', 'no', 'null-1', 'a'.repeat(63)]) {
  test(`a destination may be called ${name}, and routes may name it`, () => {
    const { destinations, told } = named(name)
    assert.deepEqual(told, [])
    assert.equal(destinations?.[1]?.name, name)
  })
}

for (const name of ['A', '-a', 'a_b', 'a.b', 'ä', '"a b"', '""', 'a'.repeat(64)]) {
  test(`a destination may not be called ${name}`, () => {
    const { destinations, told } = named(name)
    assert.equal(destinations, undefined)
    assert.match(told.join('\n'), /cannot be the name of a destination\. Use 1 to 63 small letters/)
  })
}

for (const [keys, expected] of [
  ['rate: none', [null, 1, 15_000]],
  ['rate: 100/h', [{ count: 100, perMs: 3_600_000 }, 1, 15_000]],
  ['rate: "1 / 2s", concurrency: 1000', [{ count: 1, perMs: 2_000 }, 1_000, 15_000]],
  ['timeout: 100ms', [{ count: 1, perMs: 1_000 }, 1, 100]],
  ['timeout: 1.5s, concurrency: "2"', [{ count: 1, perMs: 1_000 }, 2, 1_500]],
] as const) {
  test(`the kind's pace is replaced by ${keys}`, () => {
    const { destination, told } = slack(keys)
    assert.deepEqual(told, [])
    assert.deepEqual([destination?.rate, destination?.concurrency, destination?.timeoutMs], expected)
  })
}

for (const keys of ['rate: 0/s', 'rate: 1', 'timeout: 99ms', 'timeout: 15001ms', 'timeout: 15', 'concurrency: 1001']) {
  test(`${keys} is refused`, () => {
    const { destination, told } = slack(keys)
    assert.equal(destination, undefined)
    assert.equal(told.length, 1)
  })
}

test('without a kind no other key is called wrong, since nobody knows which are right', () => {
  const { told } = read(text => text.replace('kind: webhook, ', ''))
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /destinations\.archive\.kind: "kind" is missing.*for example: kind: slack/)
})

test('a value shorter than any secret leaves the sentence of the kind whole', () => {
  const { told } = read(text => text.replace(/whsec_\S+/, 'e'))
  assert.match(told.join(), /A secret begins with whsec_ \(HMAC\) or whsk_ \(ed25519\)/)
})

const plain = (text: string) => text.replace('https://example.org', 'http://example.org')
test('a plain http address that nothing allows is a warning, at the address', () => {
  const { destinations, told } = read(plain)
  assert.ok(destinations)
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /^destinations\.archive\.url: The address is plain http.*network\.allow/)
})

test('an address within a network of one’s own that nothing allows is a warning, at the address', () => {
  for (const host of ['127.0.0.1', '169.254.169.254', '10.1.2.3:8443']) {
    const at = (text: string) => text.replace('https://example.org', `https://${host}`)
    assert.match(read(at).told.join(), /^destinations\.archive\.url: The address is within a network of your own/, host)
    const allow = host.replace(':8443', '')
    assert.deepEqual(read(text => `${at(text)}network: { allow: "${allow}" }\n`).told, [], host)
  }
  assert.deepEqual(read(text => text.replace('https://example.org', 'https://93.184.215.14')).told, [])
})

test('so is the address of a mail server', () => {
  const mail = (host: string) => (text: string) =>
    text.replace(
      /archive: \{.*\}/,
      `archive: { kind: email, smtp: "smtp://${host}:25", from: a@example.org, to: b@example.org }`,
    )
  assert.match(
    read(mail('169.254.169.254')).told.join(),
    /^destinations\.archive\.smtp: The address is within a network of your own/,
  )
  assert.deepEqual(read(mail('mail.example.org')).told, [])
})

test('a plain http address is no warning once addresses are allowed', () => {
  assert.deepEqual(read(text => `${plain(text)}network: { allow: 192.0.2.7 }\n`).told, [])
})
