import assert from 'node:assert/strict'
import test from 'node:test'
import { certificate } from '../../test/contracts/certificate.ts'
import { load, loadChanged, SOUND } from '../../test/support/config.ts'
import type { Config, Loaded } from './config.ts'

const configOf = (loaded: Loaded): Config => {
  if (!('config' in loaded)) throw new Error(JSON.stringify(loaded.problems, null, 1))
  return loaded.config
}
const problemsOf = (loaded: Loaded) => ('problems' in loaded ? loaded.problems : [])
/** `line key`, and every sentence, so that a test can look for either. */
const told = (loaded: Loaded) => problemsOf(loaded).map(({ line, key, what, fix }) => `${line} ${key}: ${what} ${fix}`)

test('a sound file gives a whole configuration, defaults filled in', () => {
  const config = configOf(loadChanged(text => text))
  const { host, port } = config.server
  assert.deepEqual([host, port], ['127.0.0.1', 8080])
  assert.equal(config.store.folder, '/home/data')
  assert.deepEqual(config.limits, { ticketsPerUserPerHour: 10, messageMaxLength: 524_288 })
  assert.deepEqual(config.network.allow, [])
  assert.deepEqual(config.metrics, { host: '127.0.0.1', port: 7867 })
  assert.equal(config.evaluation, null)
  assert.deepEqual(
    config.destinations.map(({ name, kind, rate, concurrency, timeoutMs }) => [
      name,
      kind.kind,
      rate,
      concurrency,
      timeoutMs,
    ]),
    [
      ['support', 'slack', { count: 1, perMs: 1_000 }, 1, 15_000],
      ['archive', 'webhook', null, 16, 15_000],
    ],
  )
  assert.deepEqual(config.routes, [
    { when: { type: ['BUG'], mailDomain: ['sdu.dk', 'aau.dk'] }, to: ['support', 'archive'] },
    { when: null, to: ['support'] },
  ])
})

test('pace, time limit and network of a destination can be set', () => {
  const config = configOf(
    loadChanged(text =>
      text
        .replace('kind: slack,', 'kind: slack, rate: 5/2s, concurrency: 3, timeout: 500ms,')
        .concat('network: { allow: [10.0.0.0/8, "::1"] }\n'),
    ),
  )
  const [slack] = config.destinations
  assert.deepEqual([slack?.rate, slack?.concurrency, slack?.timeoutMs], [{ count: 5, perMs: 2_000 }, 3, 500])
  assert.deepEqual(config.network.allow, ['10.0.0.0/8', '::1/128'])
})

const wrong: [string, (text: string) => string, RegExp][] = [
  ['an unknown key, with the likely one', text => text.replace('routes:', 'rotues:'), /rotues.*Did you mean "routes"/],
  [
    'an unknown kind, with those there are',
    text => text.replace('kind: slack', 'kind: slak'),
    /destinations\.support\.kind.*slak.*slack, webhook/,
  ],
  ['the evaluation mode’s own kind', text => text.replace('kind: slack', 'kind: local'), /local/],
  ['a key given twice', text => `${text}limits: {}\nlimits: {}\n`, /limits.*twice/],
  ['a missing setting', text => text.replace(/, secret: whsec_\S+/, ''), /destinations\.archive.*secret/],
  ['a wrong secret', text => text.replace(/whsec_\S+/, 'whsec_short'), /destinations\.archive\.secret/],
  ['a trigger of the workflow builder', text => text.replace('/services/T0', '/triggers/T0'), /incoming webhook/],
  [
    'an address that is none',
    text => text.replace('https://example.org/hook', 'example.org'),
    /destinations\.archive\.url/,
  ],
  ['a name that cannot be', text => text.replace('archive:', 'Archive:'), /Archive.*small letters/],
  ['a route to nowhere', text => text.replace('to: [support] }', 'to: [nobody] }'), /nobody.*support, archive/],
  ['a condition nobody knows', text => text.replace('type: BUG', 'typ: BUG'), /routes\[0\]\.when\.typ.*"type"/],
  ['a type nobody knows', text => text.replace('type: BUG', 'type: BGU'), /BGU.*BUG/],
  ['no fallback', text => text.replace('  - { to: [support] }\n', ''), /routes.*fallback/],
  [
    'a fallback that is not the last',
    text => text.replace('  - { when', '  - { to: [archive] }\n  - { when'),
    /routes/,
  ],
  ['no routes', text => text.slice(0, text.indexOf('routes:')), /routes/],
  ['no destinations', text => text.replace(/destinations:[\s\S]*routes:/, 'destinations: {}\nroutes:'), /destinations/],
  ['two keys for tokens', text => text.replace('sharedSecret:', 'certificate: abc, sharedSecret:'), /Exactly one/],
  ['no key for tokens', text => text.replace(/, sharedSecret: "[^"]+"/, ''), /auth/],
  [
    'a secret that YAML reads as a number',
    text => text.replace('"a-long-shared-secret-of-somebody"', '0123'),
    /sharedSecret.*quotes/,
  ],
  [
    'a key server without a scheme',
    text => text.replace('sharedSecret: "a-long-shared-secret-of-somebody"', 'jwksUrl: login.example.org/keys'),
    /jwksUrl/,
  ],
  ['a database without a user', text => `${text}store: postgres://h/db\n`, /store.*user.*postgres:/],
  ['a port that cannot be', text => `${text}server: { port: 65536 }\n`, /server\.port.*65535/],
  ['one port for two things', text => `${text}server: { port: 7867 }\n`, /metrics\.port/],
  ['a rate that is none', text => text.replace('kind: slack,', 'kind: slack, rate: fast,'), /rate.*1\/s/],
  ['a time limit beyond 15 s', text => text.replace('kind: slack,', 'kind: slack, timeout: 16s,'), /timeout.*15s/],
  ['a network that is none', text => `${text}network: { allow: [300.0.0.0/8] }\n`, /network\.allow/],
  ['a variable that is not set', text => text.replace('T0/B0/very-secret', '${NO_SUCH}'), /NO_SUCH is not set/],
  ['a file that is not there', text => text.replace('T0/B0/very-secret', '${file:/gone}'), /\/gone/],
  ['broken YAML', text => `${text}  : [\n`, /./],
  ['a text instead of a file of keys', () => 'hello', /./],
  ['an empty file', () => '', /./],
]
for (const [what, change, pattern] of wrong) {
  test(`${what} is a problem with place and fix`, () => {
    const loaded = loadChanged(change)
    const lines = told(loaded)
    assert.ok(
      lines.some(line => pattern.test(line)),
      lines.join('\n') || 'no problem was found',
    )
    for (const { file, what: sentence, fix } of problemsOf(loaded)) {
      assert.equal(file, './support-relay.yaml')
      assert.ok(/[.!]$/.test(sentence) && fix.length > 5, `${sentence} ${fix}`)
    }
    assert.ok(
      !lines.join().includes('very-secret') && !lines.join().includes('a-long-shared-secret'),
      'a secret is shown',
    )
  })
}

test('everything is told at once, in the order of the file, with line and column', () => {
  const loaded = loadChanged(text =>
    text
      .replace('kind: slack', 'kind: slak')
      .replace('type: BUG', 'typ: BUG')
      .replace('to: [support] }', 'to: [nobody] }'),
  )
  const places = problemsOf(loaded).map(({ line, key }) => [line, key])
  assert.deepEqual(places, [
    [4, 'destinations.support.kind'],
    [7, 'routes[0].when.typ'],
    [8, 'routes[1].to[0]'],
  ])
  assert.ok(problemsOf(loaded).every(({ column }) => (column ?? 0) > 0))
})

test('the public address is a web address', () => {
  const at = (publicUrl: string) => loadChanged(text => `${text}server: { publicUrl: "${publicUrl}" }\n`)
  const loaded = at('https://support.example.org')
  assert.ok('config' in loaded)
  assert.deepEqual([loaded.config.server.publicUrl, loaded.warnings], ['https://support.example.org', []])
  assert.match(told(at('support.example.org')).join(), /not a whole web address/)
})

test('to trust every address as a proxy is a warning; to trust some is not', () => {
  const told = (ranges: string) => {
    const loaded = loadChanged(text => `${text}server: { trustProxy: [${ranges}] }\n`)
    assert.ok('config' in loaded)
    return loaded.warnings.map(({ key, what }) => `${key}: ${what}`).join()
  }
  for (const all of ['0.0.0.0/0', '"::/0"'])
    assert.match(told(all), /server\.trustProxy: Every address counts as a proxy/)
  assert.equal(told('10.0.0.0/8, 127.0.0.1'), '')
})

test('a destination that no route names is a warning', () => {
  const loaded = loadChanged(text => text.replace('to: [support, archive]', 'to: [support]'))
  assert.match(loaded.warnings.map(({ what }) => what).join(), /No route names "archive"/)
})

test('a certificate in a block of lines is taken without a warning', () => {
  const block = certificate
    .trim()
    .split('\n')
    .map(line => `    ${line}`)
    .join('\n')
  const loaded = loadChanged(text =>
    text.replace(/auth: .*/, `auth:\n  issuer: cloud.sdu.dk\n  certificate: |\n${block}`),
  )
  assert.deepEqual(loaded.warnings, [])
})

test('values come from the environment and from files, whole; one final line end is dropped, and nothing is expanded again', () => {
  const config = configOf(
    loadChanged(
      text =>
        text
          .replace('"a-long-shared-secret-of-somebody"', '"${file:/run/secret}"')
          .replace('T0/B0/very-secret', '${HOOK}'),
      { env: { HOOK: 'T/B/${OTHER}', OTHER: 'no' } },
      { '/run/secret': 'pass${OTHER}word\n' },
    ),
  )
  assert.deepEqual(config.auth.key, { kind: 'secret', secret: 'pass${OTHER}word' })
  assert.equal(config.destinations[0]?.settings.url, 'https://hooks.slack.com/services/T/B/${OTHER}')
})

test('the command line wins over the file, and is checked as well', () => {
  const config = configOf(
    loadChanged(text => `${text}store: ./elsewhere\nserver: { port: 1 }\n`, { port: '9000', data: 'here' }),
  )
  assert.deepEqual([config.server.port, config.store.folder], [9_000, '/home/here'])
  assert.match(told(loadChanged(text => text, { port: 'many' })).join(), /--port/)
})

test('the file is the one that is asked for, else the environment’s, else the one in the folder, else there is none', () => {
  const files = {
    '/home/support-relay.yaml': SOUND,
    '/a.yaml': SOUND.replace('cloud.sdu.dk', 'a'),
    '/b.yaml': SOUND.replace('cloud.sdu.dk', 'b'),
  }
  const issuer = (options: Parameters<typeof load>[1]) => configOf(load(files, options)).auth.issuer
  assert.equal(issuer({ config: '/a.yaml', env: { SUPPORT_RELAY_CONFIG: '/b.yaml' } }), 'a')
  assert.equal(issuer({ env: { SUPPORT_RELAY_CONFIG: '/b.yaml' } }), 'b')
  assert.equal(issuer({}), 'cloud.sdu.dk')
  assert.notEqual(configOf(load({})).evaluation, null)
})

test('a file that was asked for and is not there is a problem, not the evaluation mode', () => {
  assert.match(told(load({}, { config: 'gone.yaml' })).join(), /gone|does not exist/)
})

test('a file that is there and cannot be read is a problem, not the evaluation mode', () => {
  const refuse = () => {
    throw Object.assign(new Error('permission denied'), { code: 'EACCES' })
  }
  const loaded = load({}, { files: { read: refuse, create: refuse } })
  assert.match(told(loaded).join(), /configuration file may not be read by this user/)
})

test('of a file that is no YAML only that is told: what its keys say is anybody’s guess', () => {
  const loaded = loadChanged(text => text.replace('kind: slack', 'kind: @slak').replace('routes:', 'rotues:'))
  assert.deepEqual(problemsOf(loaded).length, 1)
  assert.match(told(loaded).join(), /not valid YAML, so the keys could not be checked/)
})
