import assert from 'node:assert/strict'
import test from 'node:test'
import { isInScope, principalFrom, ticketUser } from './principal.ts'

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
  for (const sub of [undefined, null, '', 7, {}]) assert.equal(principalFrom({ ...go, sub }), 'no-subject')
  for (const role of [undefined, null, 'SERVICE', 'PROVIDER', 'user', ['USER']])
    assert.equal(principalFrom({ ...go, role }), 'role')
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
