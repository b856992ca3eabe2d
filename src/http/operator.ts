/** The command line on the machine itself acts as staff: whoever can read the data folder can read every ticket anyway, so a secret that lies
 *  in it, made at each start, is as good as a token. */
import { timingSafeEqual } from 'node:crypto'
import type { Principal } from '../domain/principal.ts'
import type { Verifier } from './token.ts'

const OPERATOR: Principal = {
  username: 'operator',
  role: 'ADMIN',
  name: 'Command line',
  email: null,
  organization: null,
  mailDomain: null,
  projects: [],
}

/** @param secret at least 32 random characters */
export const withOperator = (verify: Verifier, secret: string): Verifier => {
  const expected = Buffer.from(`Bearer ${secret}`)
  return async (authorization, scope) => {
    const given = Buffer.from(authorization ?? '')
    return given.length === expected.length && timingSafeEqual(given, expected)
      ? OPERATOR
      : verify(authorization, scope)
  }
}
