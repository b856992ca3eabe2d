/** The way out, as it is configured: what may be reached, the proxy, certificates of one's own, and whose hosts a kind may have. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { certificate, key } from '../../test/contracts/certificate.ts'
import { loadChanged } from '../../test/support/config.ts'
import { summarize } from './summary.ts'

const FILES = {
  '/home/ca.pem': certificate,
  '/ca/two.pem': `# ours\n${certificate}${certificate}`,
  '/ca/key.pem': `${certificate}${key}`,
  '/ca/empty.pem': '',
  '/ca/broken.pem': certificate.replace('MIIB', 'AAAA'),
}

const withNetwork = (network: string, env: Record<string, string> = {}) =>
  loadChanged(text => `${text}network: { ${network} }\n`, { env }, FILES)
const toldOf = (loaded: ReturnType<typeof loadChanged>) =>
  ('problems' in loaded ? loaded.problems : []).map(({ key: at, what, fix }) => `${at}: ${what} ${fix}`)
const sound = (loaded: ReturnType<typeof loadChanged>) => {
  assert.ok('config' in loaded, toldOf(loaded).join('\n'))
  return loaded.config
}

test('a proxy has a host and a port, and maybe a name and a password of any characters', () => {
  const at = (value: string) => sound(withNetwork(`proxy: "http://${value}"`, { PASS: 'p@ss:w/rd#1' })).network.proxy
  assert.deepEqual(at('proxy.example.org:3128'), { host: 'proxy.example.org', port: 3128, login: null })
  assert.deepEqual(at('[fd00::1]:80/'), { host: 'fd00::1', port: 80, login: null })
  assert.deepEqual(at('relay:${PASS}@10.0.0.1:3128'), {
    host: '10.0.0.1',
    port: 3128,
    login: { username: 'relay', password: 'p@ss:w/rd#1' },
  })
  assert.deepEqual(at('re%40lay:p%3Aq@p:1')?.login, { username: 're@lay', password: 'p:q' })
  assert.deepEqual(at('relay:100%@p:1')?.login, { username: 'relay', password: '100%' })
})

for (const value of [
  'https://p:3128',
  'socks5://p:1080',
  'p:3128',
  'http://own.example',
  'http://p:0',
  'http://p:70000',
  'http://:3128',
  'http://p:3128/path',
  'http://p:3128?q',
]) {
  test(`${value} is no proxy, and is not told`, () => {
    const told = toldOf(withNetwork(`proxy: "${value}"`)).join()
    assert.match(told, /^network\.proxy: .*http:\/\/proxy\.example\.org:3128/)
    assert.ok(!told.includes(value), told)
  })
}

test('NO_PROXY comes from the environment, in either spelling', () => {
  assert.equal(sound(withNetwork('allow: []', { NO_PROXY: 'a.org', no_proxy: 'b.org' })).network.noProxy, 'a.org')
  assert.equal(sound(withNetwork('allow: []', { no_proxy: 'b.org' })).network.noProxy, 'b.org')
  assert.equal(sound(withNetwork('allow: []')).network.noProxy, '')
})

test('certificates of one’s own are read at the start, for all destinations and for one', () => {
  assert.equal(sound(withNetwork('caFile: ca.pem')).network.caFile?.pem, certificate)
  assert.equal(sound(withNetwork('caFile: /ca/two.pem')).network.caFile?.pem, FILES['/ca/two.pem'])
  const own = loadChanged(text => text.replace('kind: slack,', 'kind: slack, caFile: ca.pem,'), {}, FILES)
  assert.deepEqual(
    sound(own).destinations.map(({ ca }) => ca),
    [certificate, undefined],
  )
})

for (const [path, expected] of [
  ['/ca/none.pem', /does not exist/],
  ['/ca/empty.pem', /holds no certificate/],
  ['/ca/broken.pem', /certificate that cannot be read/],
  ['/ca/key.pem', /private key/],
] as const) {
  test(`${path} is told, with what to do`, () => {
    const [told = ''] = toldOf(withNetwork(`caFile: ${path}`))
    assert.match(told, expected)
    assert.match(told, /^network\.caFile: .* Name a file with the certificate of your authority/)
    const own = loadChanged(text => text.replace('kind: slack,', `kind: slack, caFile: ${path},`), {}, FILES)
    assert.match(toldOf(own).join(), /^destinations\.support\.caFile: /)
  })
}

test('what is printed of the way out holds no name and no password', () => {
  const { network } = summarize(sound(withNetwork('proxy: "http://relay:hunter22@p:3128", caFile: ca.pem')))
  assert.deepEqual(network, { allow: [], proxy: 'http://p:3128', caFile: 'ca.pem' })
})

test('networks and hosts may be allowed; what is neither is told', () => {
  const { allow } = sound(
    withNetwork('allow: [10.0.0.0/8, Chat.Example.org., "*.example.org", .example.net, localhost, bücher.example]'),
  ).network
  assert.deepEqual(allow, [
    '10.0.0.0/8',
    'chat.example.org',
    '.example.org',
    '.example.net',
    'localhost',
    'xn--bcher-kva.example',
  ])
  for (const entry of [
    '127.1',
    '0x7f.1',
    '"2130706433"',
    '300.0.0.0/8',
    '"*"',
    '.org',
    'https://chat.example.org',
    'chat.example.org:443',
    'a_b c',
  ])
    assert.match(toldOf(withNetwork(`allow: [${entry}]`)).join(), /^network\.allow\[0\]: /, entry)
})

const HOOK = 'https://hooks.slack.com/services/T0/B0/very-secret'
const slackAt = (url: string, allow = '') =>
  loadChanged(text => `${text.replace(HOOK, url)}network: { allow: [${allow}] }\n`)

for (const [url, allow] of [
  [HOOK, ''],
  ['https://hooks.slack-gov.com/services/T0/B0/x', ''],
  ['https://HOOKS.slack.com/services/T0/B0/x', ''],
  ['https://chat.example.org/hook', 'chat.example.org'],
  ['https://Chat.Example.ORG./hook', 'chat.example.org'],
  ['https://chat.example.org/hook', '.example.org'],
  ['https://bücher.example/hook', 'xn--bcher-kva.example'],
  ['http://chat.example.org/hook', '"*.example.org"'],
  ['http://127.0.0.1:8080/hook', '127.0.0.0/8'],
  ['http://0x7f.1/hook', '127.0.0.0/8'],
  ['http://[::1]:8080/hook', '"::1"'],
] as const) {
  test(`slack may go to ${url} where ${allow || 'nothing'} is allowed`, () => void sound(slackAt(url, allow)))
}

for (const [url, allow] of [
  ['https://hooks.slack.com.evil.example/services/T0/B0/x', ''],
  ['https://hooks.slack.com./services/T0/B0/x', ''],
  ['https://evil.example/services/T0/B0/x', ''],
  ['https://chat.example.org/hook', '127.0.0.0/8'],
  ['https://chat.example.org/hook', '0.0.0.0/0, "::/0"'],
  ['https://chat.example.org/hook', 'example.org'],
  ['https://example.org/hook', '.example.org'],
  ['https://notexample.org/hook', '.example.org'],
  ['http://localhost:8080/hook', '127.0.0.0/8'],
  ['http://127.0.0.1/hook', 'localhost'],
  ['http://10.0.0.1/hook', '127.0.0.0/8'],
] as const) {
  test(`slack may not go to ${url} where ${allow || 'nothing'} is allowed, and is told how it may`, () => {
    const told = toldOf(slackAt(url, allow)).join()
    assert.match(
      told,
      /^destinations\.support\.url: The address is on no host of Slack.*add its host name to `network\.allow`/,
    )
    assert.ok(!told.includes(new URL(url).hostname), told)
  })
}

test('a kind that has no vendor goes where its address says', () => {
  sound(loadChanged(text => text.replace('https://example.org/hook', 'https://anywhere.example/hook')))
})

test('a base that replaces the vendor’s is held to the same', () => {
  const telegram = (allow: string) =>
    loadChanged(
      text =>
        `${text.replace(`kind: slack, url: "${HOOK}"`, 'kind: telegram, token: "12345678:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", chat: "-1001", url: https://bots.example.org')}network: { allow: [${allow}] }\n`,
    )
  assert.match(toldOf(telegram('')).join(), /^destinations\.support\.url: The address is on no host of Telegram/)
  sound(telegram('bots.example.org'))
})

test('a help desk that its vendor runs is at the vendor’s, and a project of GitLab is no address', () => {
  const desk = (settings: string) => toldOf(loadChanged(text => text.replace(`kind: slack, url: "${HOOK}"`, settings)))
  assert.match(
    desk('kind: zendesk, url: https://evil.example, email: a@example.org, token: notarealtoken').join(),
    /is on no host of Zendesk/,
  )
  assert.match(
    desk('kind: freshdesk, url: https://evil.example, apiKey: notarealkey').join(),
    /is on no host of Freshdesk/,
  )
  assert.match(
    desk('kind: gitlab, project: https://gitlab.com/group/desk, token: notarealtoken').join(),
    /destinations\.support\.project: Write this: Project: its path \(group\/name\) or number\./,
  )
})

test('what stands in a browser beside the hook or the desk is told to be no address of it', () => {
  const told = (settings: string) =>
    toldOf(loadChanged(text => text.replace(`kind: slack, url: "${HOOK}"`, settings))).join()
  for (const [kind, url] of [
    ['mattermost', 'https://chat.example.org/'],
    ['mattermost', 'https://hooks.slack.com/services/T0/B0/notarealtoken'],
    ['rocketchat', 'https://chat.example.org/channel/x'],
  ])
    assert.match(
      told(`kind: ${kind}, url: "${url}"`),
      /destinations\.support\.url: The path of an incoming webhook holds \/hooks\//,
      url,
    )
  assert.match(
    told(
      'kind: zulip, url: "https://chat.example.org/api/v1/messages", email: a@example.org, apiKey: notarealkey, stream: s',
    ),
    /destinations\.support\.url: Write the address of the organisation alone/,
  )
  for (const url of ['https://x.zendesk.com/agent/tickets', 'https://x.zendesk.com/tickets/7'])
    assert.match(
      told(`kind: zendesk, url: "${url}", email: a@example.org, token: notarealtoken`),
      /destinations\.support\.url: This is a page of the help desk/,
      url,
    )
})
