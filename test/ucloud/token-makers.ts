/** Claims as UCloud's two token makers write them (contract 2.1 to 2.4). Signed by a library that is not the one that verifies. */
import jwt from 'jsonwebtoken'
import { rsaKey } from '../contracts/rsa-certificate.ts'
import { SECRET } from '../support/service.ts'

export type Claims = Readonly<Record<string, unknown>>

export const seconds = (): number => Math.floor(Date.now() / 1_000)

const times = () => ({ iat: seconds(), exp: seconds() + 600 })

/** Go: every optional claim is there, as a value or as null. */
export const goClaims = (changes: Claims = {}): Claims => ({
  role: 'USER',
  uid: 1042,
  firstNames: 'Ada',
  lastName: 'Lovelace',
  email: 'ada@sdu.dk',
  orgId: 'sdu.dk',
  twoFactorAuthentication: true,
  serviceLicenseAgreement: true,
  principalType: 'wayf',
  publicSessionReference: '9f'.repeat(32),
  extendedByChain: [],
  membership: { [uuid(1)]: 'PI', [uuid(2)]: 'USER' },
  groups: { [uuid(1_001)]: uuid(1) },
  providerProjects: { k8s: uuid(1) },
  allocatorProjects: { [uuid(1)]: {} },
  domain: 'sdu.dk',
  iss: 'cloud.sdu.dk',
  sub: 'Ada#1234',
  aud: ['all:write'],
  ...times(),
  ...changes,
})

/** What Go writes as null where it knows nothing. */
export const NOTHING_KNOWN: Claims = {
  firstNames: null,
  lastName: null,
  email: null,
  orgId: null,
  publicSessionReference: null,
  membership: null,
  groups: null,
  providerProjects: null,
  allocatorProjects: null,
  domain: '',
}

/** Kotlin: what is not known is left out, the uid is always 42, one scope may be a bare string; nothing of projects. */
export const kotlinClaims = (changes: Claims = {}): Claims => ({
  sub: 'Ada#1234',
  uid: 42,
  role: 'USER',
  firstNames: 'Ada',
  lastName: 'Lovelace',
  email: 'ada@sdu.dk',
  orgId: 'sdu.dk',
  twoFactorAuthentication: true,
  serviceLicenseAgreement: true,
  principalType: 'wayf',
  publicSessionReference: '9f'.repeat(32),
  extendedByChain: [],
  iss: 'cloud.sdu.dk',
  aud: 'all:write',
  ...times(),
  ...changes,
})

/** A member of so many projects and groups, as Go lists them. */
export const memberships = (projects: number, groups: number): Claims => ({
  membership: Object.fromEntries(Array.from({ length: projects }, (_, i) => [uuid(i), 'USER'])),
  groups: Object.fromEntries(Array.from({ length: groups }, (_, i) => [uuid(100_000 + i), uuid(i % projects)])),
})

export const uuid = (number: number): string => `3f2b0c4e-7a1d-4e5f-9b8a-${String(number).padStart(12, '0')}`

export const hs512 = (claims: Claims): string => jwt.sign(claims, SECRET, { algorithm: 'HS512' })
export const rs256 = (claims: Claims, key = rsaKey): string => jwt.sign(claims, key, { algorithm: 'RS256' })

/** Go's: the id of a resource in hexadecimal digits, and 64 digits of secret. */
export const apiToken = (): string => `uc1a2b-${'0123456789abcdef'.repeat(4)}`

/** The header of a signed intent: RS256 with the browser's own key, good for half a minute. */
export const signedIntent = (changes: Claims = {}): string =>
  jwt.sign(
    {
      iat: seconds(),
      exp: seconds() + 30,
      call: 'support.ticket',
      username: 'Ada#1234',
      project: uuid(1),
      ...changes,
    },
    rsaKey,
    { algorithm: 'RS256' },
  )
