/** Forged tokens, by name. Each is wrong in one thing only: what it is made from passes. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export type Maker = {
  readonly alg: string
  readonly kid: string | null
  /** Signs as the issuer does. */
  readonly sign: (signed: string) => Buffer
  /** What an attacker may know of the issuer's key: public keys in every form. */
  readonly known: Readonly<Record<string, string | Buffer>>
  readonly issuer: string
  /** An address of the attacker: nothing may be fetched from it. */
  readonly trap: string
}

const ATTACKER = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const ATTACKER_EC = generateKeyPairSync('ec', { namedCurve: 'P-256' })

type Json = Readonly<Record<string, unknown>> | string

const b64 = (value: Json | Buffer): string =>
  (Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))).toString(
    'base64url',
  )

const seconds = () => Math.floor(Date.now() / 1_000)

export const soundClaims = (issuer: string) => ({
  sub: 'Ada#1234',
  role: 'USER',
  iss: issuer,
  aud: ['all:write', 'support'],
  iat: seconds() - 10,
  exp: seconds() + 600,
})

/** Header and claims as given, signed by the issuer's own key. */
export const signedBy = (maker: Maker, claims: Json, header: Json = headerOf(maker)): string => {
  const signed = `${b64(header)}.${b64(claims)}`
  return `${signed}.${b64(maker.sign(signed))}`
}

const headerOf = ({ alg, kid }: Maker) => ({ alg, typ: 'JWT', ...(kid !== null && { kid }) })

/** By name: header, claims, or the whole token made wrong. */
export const forgeries = (maker: Maker): Map<string, string> => {
  const claims = soundClaims(maker.issuer)
  const head = headerOf(maker)
  const good = signedBy(maker, claims)
  const [h = '', p = '', s = ''] = good.split('.')
  const own = (header: object, key: KeyObject = ATTACKER.privateKey) => {
    const signed = `${b64({ ...head, alg: 'RS256', ...header })}.${p}`
    return `${signed}.${b64(sign('sha256', Buffer.from(signed), key))}`
  }
  const hmac = (hash: string, secret: string | Buffer, header: object = {}) => {
    const signed = `${b64({ ...head, alg: hash.replace('sha', 'HS'), ...header })}.${p}`
    return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
  }
  const all = new Map<string, string>()
  const add = (name: string, token: string) => void all.set(name, token)
  const withClaim = (name: string, change: Record<string, unknown>) =>
    add(name, signedBy(maker, { ...claims, ...change }))
  /** JSON as typed: what JSON.stringify would not write. */
  const typed = (name: string, text: string) =>
    add(name, signedBy(maker, JSON.stringify(claims).replace(/\}$/, `,${text}}`)))

  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', ' none']) {
    add(`algorithm "${alg}" without a signature`, `${b64({ ...head, alg })}.${p}.`)
    add(`algorithm "${alg}" with the signature of another token`, `${b64({ ...head, alg })}.${p}.${s}`)
    add(`algorithm "${alg}", signed by the issuer’s key`, signedBy(maker, claims, { ...head, alg }))
  }
  add('no algorithm', signedBy(maker, claims, { typ: 'JWT' }))
  for (const alg of ['HS256', 'HS384', 'RS1', 'RS257', 'ES256K', 'A128KW', 'dir', 'hs512', 'constructor', '__proto__'])
    add(`algorithm "${alg}", signed by the issuer’s key`, signedBy(maker, claims, { ...head, alg }))
  for (const [form, secret] of Object.entries(maker.known))
    for (const hash of ['sha256', 'sha384', 'sha512'])
      add(`${hash} with the issuer’s ${form} as its secret`, hmac(hash, secret))
  for (const secret of ['', 'secret', 'null', 'undefined', '\0'])
    add(`sha512 with the secret ${JSON.stringify(secret)}`, hmac('sha512', secret))

  for (const kid of [
    '../../../../dev/null',
    '/dev/null',
    "x' union select 'AA' -- ",
    'http://169.254.169.254/',
    '__proto__',
    '',
    'k'.repeat(5_000),
  ])
    add(`key name ${kid.slice(0, 30)} with an empty secret`, hmac('sha512', '', { kid }))
  for (const kid of [7, ['k'], { k: 1 }, true])
    add(`a key name that is ${JSON.stringify(kid)}`, signedBy(maker, claims, { ...head, kid }))

  const jwk = ATTACKER.publicKey.export({ format: 'jwk' })
  add('a key of its own (jwk)', own({ jwk }))
  add('a key of its own (jwk) under the name of ours', own({ jwk, kid: maker.kid ?? 'k' }))
  add('a private key of its own (jwk)', own({ jwk: ATTACKER.privateKey.export({ format: 'jwk' }) }))
  add(
    'an elliptic key of its own',
    own({ alg: 'ES256', jwk: ATTACKER_EC.publicKey.export({ format: 'jwk' }) }, ATTACKER_EC.privateKey),
  )
  for (const name of ['jku', 'x5u'])
    for (const url of [maker.trap, `${maker.trap}/.well-known/jwks.json`, `${maker.issuer}@${maker.trap.slice(7)}`])
      add(`a key at ${name} ${url.replace(maker.trap, '(trap)')}`, own({ [name]: url, kid: 'attacker' }))
  add(
    'certificates of its own (x5c)',
    own({ x5c: [ATTACKER.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] }),
  )
  add('the thumbprint of our key (x5t) and another signature', own({ x5t: 'AAAA', 'x5t#S256': 'AAAA' }))
  for (const [what, more] of Object.entries({
    'an extension': { crit: ['x'], x: 1 },
    'an unencoded payload': { crit: ['b64'], b64: false },
    'what every token has': { crit: ['alg'] },
    nothing: { crit: [] },
    'no list': { crit: 'exp' },
    null: { crit: null },
  }))
    add(`critical: ${what}`, signedBy(maker, claims, { ...head, ...more }))

  for (const name of ['sub', 'role', 'iss', 'aud', 'exp', 'iat'])
    typed(`"${name}" twice`, `"${name}":${JSON.stringify(claims[name as keyof typeof claims])}`)
  typed('"sub" twice, once escaped', '"\\u0073ub":"Root#1"')
  add('"alg" twice', signedBy(maker, claims, `{"alg":"none","alg":"${maker.alg}"}`))

  for (const [value, what] of [
    [undefined, 'missing'],
    [null, 'null'],
    ['', 'empty'],
    ['never', 'a text'],
    [String(claims.exp), 'a number as text'],
    [true, 'true'],
    [[claims.exp], 'a list'],
    [{}, 'an object'],
    [0, '0'],
    [-1, '-1'],
    [seconds() - 75, 'just over a minute ago'],
    [-1e300, 'before everything'],
  ] as const)
    withClaim(`exp: ${what}`, { exp: value })
  for (const [value, what] of [
    [null, 'null'],
    ['now', 'a text'],
    [true, 'true'],
    [[1], 'a list'],
    [{}, 'an object'],
    [seconds() + 75, 'in just over a minute'],
    [seconds() + 3_600, 'in an hour'],
    [1e300, 'after everything'],
  ] as const) {
    withClaim(`iat: ${what}`, { iat: value })
    withClaim(`nbf: ${what}`, { nbf: value })
  }
  for (const name of ['exp', 'iat', 'nbf'] as const)
    add(
      `${name}: 1e400`,
      signedBy(maker, JSON.stringify({ ...claims, [name]: 0 }).replace(`"${name}":0`, `"${name}":1e400`)),
    )
  const { issuer } = maker
  for (const iss of [
    undefined,
    null,
    '',
    7,
    [issuer],
    { iss: issuer },
    issuer.toUpperCase(),
    `${issuer}/`,
    ` ${issuer}`,
    `${issuer} `,
    `${issuer}\0`,
    `${issuer}.evil.org`,
    `evil-${issuer}`,
    issuer.slice(0, -1),
  ])
    withClaim(`iss: ${JSON.stringify(iss)?.replaceAll(issuer, '(ours)')}`, { iss })
  for (const aud of [
    undefined,
    null,
    '',
    [],
    'Support',
    'support ',
    ['support2'],
    ['sup', 'port'],
    { support: true },
    [['support']],
    'support,other',
    7,
  ])
    withClaim(`aud: ${JSON.stringify(aud)}`, { aud })
  for (const sub of [undefined, null, '', 7, true, ['Ada#1234'], { sub: 'Ada#1234' }])
    withClaim(`sub: ${JSON.stringify(sub)}`, { sub })

  for (const [what, token] of Object.entries({
    'without its signature': `${h}.${p}`,
    'with an empty signature': `${h}.${p}.`,
    'without its payload': `${h}..${s}`,
    'without its header': `.${p}.${s}`,
    'with a signature one character short': good.slice(0, -1),
    'with half a signature': good.slice(0, -Math.floor(s.length / 2)),
    'with a payload one character short': `${h}.${p.slice(0, -1)}.${s}`,
    'with its signature twice': `${good}.${s}`,
    'with one more part': `${good}.`,
    'followed by another': `${good}${good}`,
    'with a comma and another behind it': `${good},${good}`,
    'with its parts swapped': `${p}.${h}.${s}`,
    'with dots for commas': good.replaceAll('.', ','),
    'in quotes': `"${good}"`,
    'in base64 again': Buffer.from(good).toString('base64'),
    'with padding': `${good}==`,
    'with its signature in plain base64': `${h}.${p}.${Buffer.from(s, 'base64url').toString('base64')}=`,
    'with its signature in hexadecimal': `${h}.${p}.${Buffer.from(s, 'base64url').toString('hex')}`,
    'percent-encoded': `${h}%2E${p}%2E${s}`,
    'in capital letters': good.toUpperCase(),
    'with a changed payload': `${h}.${b64({ ...claims, role: 'ADMIN' })}.${s}`,
    'with a payload that is no object': signedBy(maker, '"Ada#1234"'),
    'with a list as its payload': signedBy(maker, '[{"sub":"Ada#1234"}]'),
    'with a payload that is not UTF-8': signedBy(maker, b64(Buffer.from([0x7b, 0xff, 0x7d]))),
    'within another': signedBy(maker, good, { ...head, cty: 'JWT' }),
    'in JSON': b64({ payload: p, protected: h, signature: s }),
    encrypted: `${b64({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`,
    'signed with zeros': `${h}.${p}.${b64(Buffer.alloc(64))}`,
    'signed with many zeros': `${h}.${p}.${b64(Buffer.alloc(256))}`,
    'with a signature one byte longer': `${h}.${p}.${b64(Buffer.concat([Buffer.from(s, 'base64url'), Buffer.alloc(1)]))}`,
    'with a zero before its signature': `${h}.${p}.${b64(Buffer.concat([Buffer.alloc(1), Buffer.from(s, 'base64url')]))}`,
  }))
    add(`a token ${what}`, token)
  return all
}
