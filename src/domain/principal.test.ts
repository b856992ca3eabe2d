import assert from 'node:assert/strict'
import test from 'node:test'
import { CLAIM_MAX, type ClaimNames, isInScope, PLATFORM_CLAIMS, principalFrom, ticketUser } from './principal.ts'

const go = {
  sub: 'Ada#1234',
  role: 'USER',
  uid: 1042,
  firstNames: 'Ada',
  lastName: null,
  email: 'ada@Imada.SDU.dk',
  orgId: 'sdu.dk',
  membership: { 'project-1': 'PI', 'project-2': 'USER' },
  domain: 'sdu.dk',
}

test('a token of UCloud’s Go core: null is absent, projects come from the membership', () => {
  assert.deepEqual(principalFrom(go), {
    username: 'Ada#1234',
    role: 'USER',
    name: 'Ada',
    email: 'ada@Imada.SDU.dk',
    organization: 'sdu.dk',
    mailDomain: 'sdu.dk',
    projects: ['project-1', 'project-2'],
  })
})

test('a token of UCloud’s Kotlin services: what is absent is not known, the domain comes from the address', () => {
  assert.deepEqual(
    principalFrom({ sub: 'user', role: 'ADMIN', firstNames: 'user', lastName: 'user', email: 'u@Example.ORG' }),
    {
      username: 'user',
      role: 'ADMIN',
      name: 'user user',
      email: 'u@Example.ORG',
      organization: null,
      mailDomain: 'example.org',
      projects: [],
    },
  )
})

test('without a subject there is nobody, and only people have a role here', () => {
  for (const sub of [undefined, null, '', 7, {}, 'x'.repeat(501)])
    assert.equal(principalFrom({ ...go, sub }), 'no-subject')
  for (const role of [undefined, null, 'SERVICE', 'PROVIDER', 'user', ['USER']])
    assert.equal(principalFrom({ ...go, role }), 'role')
})

test('subjects that differ in half a character only are two users, and a whole one is left as it is', () => {
  const usernames = ['X\ud800', 'X\ud801', 'X\ufffd', 'X🙂', 'X\0'].map(sub => {
    const principal = principalFrom({ ...go, sub })
    return typeof principal === 'object' && principal.username
  })
  assert.deepEqual(usernames, ['X\\ud800', 'X\\ud801', 'X\ufffd', 'X🙂', 'X\\u0000'])
})

test('claims of another kind than expected are not known, and refuse nobody', () => {
  const principal = principalFrom({
    sub: 'x',
    role: 'USER',
    firstNames: 7,
    lastName: ' ',
    email: {},
    orgId: [],
    membership: 'p',
    domain: '',
  })
  assert.deepEqual(principal, {
    username: 'x',
    role: 'USER',
    name: null,
    email: null,
    organization: null,
    mailDomain: null,
    projects: [],
  })
})

test('an address without an @ has no mail domain, the last @ begins it, and a list is no membership', () => {
  const read = (claims: object) => {
    const principal = principalFrom({ ...go, domain: null, ...claims })
    assert.ok(typeof principal === 'object')
    return principal
  }
  assert.equal(read({ email: 'ada' }).mailDomain, null)
  assert.equal(read({ email: 'ada@' }).mailDomain, null)
  assert.equal(read({ email: '"a@b"@SDU.dk' }).mailDomain, 'sdu.dk')
  assert.deepEqual(read({ membership: ['p-1', 'p-2'] }).projects, [])
})

test('all projects of the token are known, however many', () => {
  const membership = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`p-${i}`, 'USER']))
  const principal = principalFrom({ ...go, membership })
  assert.equal(typeof principal === 'object' && principal.projects.length, 150)
})

test('a ticket keeps who wrote it, not their projects', () => {
  const principal = principalFrom(go)
  assert.ok(typeof principal === 'object')
  assert.deepEqual(Object.keys(ticketUser(principal)), ['username', 'role', 'name', 'email', 'organization'])
})

const scopes: [unknown, boolean][] = [
  [undefined, true],
  [[], true],
  [['all:write'], true],
  ['all:write', true],
  ['support.createTicket:write', true],
  [['files:read', 'support:write'], true],
  [['all:read'], false],
  [['files:write'], false],
  [['supportx:write'], false],
  [['support.createTicket.more:write'], false],
  [[7, null], false],
]
for (const [audience, allowed] of scopes) {
  test(`the audience ${JSON.stringify(audience)} ${allowed ? 'allows' : 'does not allow'} writing to support`, () => {
    assert.equal(isInScope(audience, 'support.createTicket:write'), allowed)
  })
}

const oidc: ClaimNames = {
  ...PLATFORM_CLAIMS,
  username: 'preferred_username',
  role: 'realm_access.roles',
  roles: { 'support-staff': 'ADMIN', person: 'USER' },
  isRoleOptional: true,
}
const keycloak = {
  sub: '2f1c…',
  preferred_username: 'ada',
  name: 'Ada Lovelace',
  email: 'ada@sdu.dk',
  email_verified: true,
  realm_access: { roles: ['offline_access', 'support-staff'] },
}

test('a token of another issuer: names are found where the configuration says, a path included', () => {
  assert.deepEqual(principalFrom(keycloak, oidc), {
    username: 'ada',
    role: 'ADMIN',
    name: 'Ada Lovelace',
    email: 'ada@sdu.dk',
    organization: null,
    mailDomain: 'sdu.dk',
    projects: [],
  })
})

test('a claim of exactly the configured name wins over a path', () => {
  const names = { ...oidc, role: 'https://example.org/roles' }
  const principal = principalFrom({ ...keycloak, 'https://example.org/roles': 'support-staff' }, names)
  assert.equal(typeof principal === 'object' && principal.role, 'ADMIN')
})

for (const [claim, names, role] of [
  [['person', 'support-staff'], oidc, 'ADMIN'],
  [['person'], oidc, 'USER'],
  [['ADMIN'], oidc, 'USER'],
  [['constructor', '__proto__', 7], oidc, 'USER'],
  [undefined, oidc, 'USER'],
  ['support-staff', oidc, 'ADMIN'],
  [undefined, { ...oidc, roles: null }, 'USER'],
  [['x', 'ADMIN'], { ...oidc, roles: null }, 'ADMIN'],
  ['SERVICE', { ...oidc, roles: null }, undefined],
  [undefined, { ...oidc, roles: null, isRoleOptional: false }, undefined],
] as const) {
  const how = names.roles ? 'with roles named' : names.isRoleOptional ? 'without' : 'at a platform'
  test(`a role claim of ${JSON.stringify(claim)} ${how} is ${role ?? 'refused'}`, () => {
    const principal = principalFrom({ ...keycloak, realm_access: { roles: claim } }, names)
    assert.equal(typeof principal === 'object' ? principal.role : undefined, role)
  })
}

test('where people go by another name, both it and the subject must be there', () => {
  for (const changes of [{ preferred_username: '' }, { preferred_username: ['ada'] }, { sub: undefined }, { sub: '' }])
    assert.equal(principalFrom({ ...keycloak, ...changes }, oidc), 'no-subject', JSON.stringify(changes))
})

test('an address that its issuer calls unverified is not kept, nor its domain', () => {
  const principal = principalFrom({ ...keycloak, email_verified: false }, oidc)
  assert.deepEqual(typeof principal === 'object' && [principal.email, principal.mailDomain], [null, null])
})

test('an audience that is neither text nor list allows nothing', () => {
  for (const audience of [5, 0, true, false, { a: 1 }, ''])
    assert.equal(isInScope(audience, 'support.browse:read'), false)
  for (const audience of [undefined, null, []]) assert.equal(isInScope(audience, 'support.browse:read'), true)
})

test('name, address and organisation are cut, however long an issuer lets them be; "false" as text is false', () => {
  const long = 'x'.repeat(200_000)
  const principal = principalFrom({ ...go, firstNames: long, email: `${long}@sdu.dk`, orgId: long })
  assert.ok(typeof principal === 'object')
  for (const kept of [principal.name, principal.email, principal.organization]) assert.equal(kept?.length, CLAIM_MAX)
  for (const no of [false, 'false', 0, '0']) {
    const unverified = principalFrom({ ...go, email_verified: no })
    assert.equal(typeof unverified === 'object' && unverified.email, null)
  }
})
