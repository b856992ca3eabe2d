/** Where tickets are kept, as it is configured. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { certificate } from '../../test/contracts/certificate.ts'
import { loadChanged } from '../../test/support/config.ts'
import { parsePostgresUrl, UrlFault } from './postgres-url.ts'
import { summarize } from './summary.ts'

const FILES = { '/home/pw': 'p@ss word\n', '/home/nothing': '\n', '/home/void': '', '/home/ca.pem': certificate }
const withStore = (store: string, env: Record<string, string> = {}) =>
  loadChanged(text => `${text}store: ${store}\n`, { env }, FILES)
const toldOf = (loaded: ReturnType<typeof loadChanged>) =>
  ('problems' in loaded ? loaded.problems : []).map(({ key, what, fix }) => `${key}: ${what} ${fix}`).join('\n')
const sound = (store: string, env?: Record<string, string>) => {
  const loaded = withStore(store, env)
  assert.ok('config' in loaded, toldOf(loaded))
  return loaded
}

test('a database is an address, or a group with files for what is secret', () => {
  const { config } = sound('"postgres://me:${PASS}@h1,h2/db"', { PASS: 'hunter2' })
  assert.deepEqual(config.store.postgres, {
    hosts: [
      { host: 'h1', port: 5_432 },
      { host: 'h2', port: 5_432 },
    ],
    database: 'db',
    user: 'me',
    password: 'hunter2',
    tls: { ca: null, isVerified: true },
    pooler: 'none',
  })
  const group = 'url: "postgres://me@h/db", passwordFile: pw, caFile: ca.pem, pooler: transaction'
  const other = sound(`{ ${group} }`).config.store.postgres
  assert.deepEqual([other?.password, other?.tls?.ca, other?.pooler], ['p@ss word', certificate, 'transaction'])
})

test('tickets travel in the clear to this machine only, unless somebody says so, who is warned', () => {
  assert.equal(sound('postgres://me@127.0.0.1,localhost/db').config.store.postgres?.tls, null)
  for (const [mode, words] of [
    ['disable', /in the clear/],
    ['require', /nobody checks/],
  ] as const)
    assert.match(
      sound(`postgres://me@h/db?sslmode=${mode}`)
        .warnings.map(({ what }) => what)
        .join(),
      words,
    )
})

test('a password that stands in the configuration itself is told, and not shown', () => {
  const told = (store: string) => sound(store, { PASS: 'hunter2' }).warnings
  for (const store of ['"postgres://me:hunter2@h/db"', '{ url: "postgres://me:hunter2@h/db" }']) {
    assert.match(told(store)[0]?.what ?? '', /stands in the configuration/)
    assert.doesNotMatch(JSON.stringify(told(store)), /hunter2/)
  }
  assert.deepEqual(told('"postgres://me:${PASS}@h/db"'), [])
  assert.deepEqual(told('postgres://me@h/db'), [])
})

test('the summary names the database and no secret', () => {
  const summary = summarize(sound('"postgres://me:hunter2@h1,[::1]:6000/db"').config)
  assert.equal(summary.database, 'db on h1:5432, [::1]:6000')
  assert.equal(summary.folder, null)
  assert.doesNotMatch(JSON.stringify(summary), /hunter2/)
})

for (const [store, why] of [
  ['{ url: "postgres://me@h/db", passwordFile: nothing }', /store.passwordFile: The file is empty/],
  ['{ url: "postgres://me@h/db", passwordFile: missing }', /store.passwordFile: The file/],
  ['{ url: "postgres://me@h/db", pooler: session }', /store.pooler.*none, transaction/],
  ['{ url: "postgres://me:${PASS}@h/db", passwordFile: pw }', /store: There are two passwords/],
  ['{ url: "postgres://me@h/db?sslmode=require", caFile: ca.pem }', /store: Nothing is checked .* sslmode=require/],
  ['{ url: "postgres://me@h/db?sslmode=disable", caFile: ca.pem }', /store: Nothing is checked .* sslmode=disable/],
  ['{ passwordFile: pw }', /"url" is missing/],
  ['"postgres://me:${NONE}@h/db"', /^store: The password is empty\. .*`passwordFile`/],
  ['"postgres://me:${file:/home/void}@h/db"', /^store: The password is empty\./],
  ['{ url: "postgres://me:@h/db" }', /^store\.url: The password is empty\./],
  ['"postgres://me:${ODD}@h/db"', /form postgres:.*@ is written %40.*`passwordFile`/],
  ['mysql://me@h/db', /path of a folder/],
] as const)
  test(`refused, with what to do: ${store}`, () =>
    assert.match(toldOf(withStore(store, { PASS: 'hunter2', NONE: '', ODD: 'hunter/2' })), why))

for (const [url, hosts, rest] of [
  ['postgres://me@h/db', ['h:5432'], { user: 'me', database: 'db', password: null, sslMode: null }],
  ['postgresql://me:pw@h1,h2:5433,h3/db', ['h1:5432', 'h2:5433', 'h3:5432'], { password: 'pw' }],
  ['postgres://me:p%40ss%3Aw%2F@h/db', ['h:5432'], { password: 'p@ss:w/' }],
  ['postgres://m%20e@[::1]:6000/d%2Fb', ['::1:6000'], { user: 'm e', database: 'd/b' }],
  ['postgres://me:a:b@h/db', ['h:5432'], { password: 'a:b' }],
  ['postgres://me@h/db?sslmode=require', ['h:5432'], { sslMode: 'require' }],
  ['postgres://me@h/db?target_session_attrs=read-write&sslmode=verify-full', ['h:5432'], { sslMode: 'verify-full' }],
] as const)
  test(`an address is read: ${url}`, () => {
    const parsed = parsePostgresUrl(url)
    assert.deepEqual(
      parsed.hosts.map(({ host, port }) => `${host}:${port}`),
      hosts,
    )
    assert.deepEqual({ ...parsed, ...rest }, parsed)
  })

for (const [url, why] of [
  ['postgres://h/db', /no user/],
  ['postgres://:pw@h/db', /no user/],
  ['postgres://me@h', /form/],
  ['postgres://me@h/', /no database/],
  ['postgres://me@/db', /host/],
  ['postgres://me@h1,,h2/db', /host/],
  ['postgres://me@h:0/db', /port/],
  ['postgres://me@h:65536/db', /port/],
  ['postgres://me@h:x/db', /host/],
  ['postgres://me@h/db?sslmode=prefer', /sslmode/],
  ['postgres://me@h/db?target_session_attrs=any', /parameter/],
  ['postgres://me@h/db?application_name=x', /parameter/],
  ['postgres://me:50%@h/db', /%25/],
  ['postgres://me:p@ss@h/db', /%40/],
  ['postgres://me:p/ss@h/db', /form.*%2F.*`passwordFile`/],
  ['postgres://me:p#ss@h/db', /form.*%23/],
  ['postgres://me:p?ss@h/db', /form.*%3F/],
  ['postgres://me:p/s?s@h/db', /form.*%3F/],
  ['http://me@h/db', /form/],
] as const)
  test(`an address is refused, without a word of what stands there: ${url}`, () => {
    assert.throws(
      () => parsePostgresUrl(url),
      (error: unknown) => error instanceof UrlFault && why.test(error.message) && !error.message.includes('pw'),
    )
  })
