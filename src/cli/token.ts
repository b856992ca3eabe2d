/** `support-relay token`: a token for development, signed with the shared secret of the configuration. */
import type { Config, TokenClaims } from '../app.ts'
import { EXIT_OK, EXIT_WRONG, type Io, refuse } from './io.ts'

export type TokenOptions = {
  readonly user?: string
  readonly role?: string
  readonly name?: string
  readonly email?: string
  readonly hours?: string
  readonly json?: boolean
}

export type TokenParts = {
  /** The configuration, or why there is none and the exit code for it. */
  readonly load: () => Config | { readonly why: string; readonly code: number }
  readonly sign: (
    auth: { readonly issuer: string; readonly secret: string },
    who: TokenClaims,
    times: { readonly now: number; readonly lifetimeMs: number },
  ) => string
  readonly now: number
}

const HOUR_MS = 3_600_000
const HOURS_MAX = 24 * 7

/** Exit code 0; 2 where no token can be made; 3 where none would be taken, as no service has made its secret. With `json`: `{token, expiresAt}`
 *  or `{why, errorCode}`. */
export const token = (options: TokenOptions, io: Io, parts: TokenParts): number => {
  const made = make(options, parts)
  if ('why' in made) return refuse(options, io, made.why, made.code)
  io.out(options.json ? JSON.stringify(made) : made.token)
  return EXIT_OK
}

const make = (options: TokenOptions, { load, sign, now }: TokenParts) => {
  const wrong = (why: string) => ({ why, code: EXIT_WRONG })
  const hours = Number(options.hours ?? 8)
  if (!(hours > 0 && hours <= HOURS_MAX)) return wrong(`--hours is a number from 0 to ${HOURS_MAX}.`)
  const { user = 'developer', role = 'USER', name = '', email = null } = options
  if (user.trim() === '') return wrong('--user is empty: name who the token stands for.')
  if (role !== 'USER' && role !== 'ADMIN') return wrong('--role is USER or ADMIN.')
  const config = load()
  if ('why' in config) return config
  const { key, issuer } = config.auth
  if (key.kind !== 'secret') {
    return wrong(
      'Tokens can be made with "auth.sharedSecret" only: the private key of this configuration is with its issuer. Ask it for a token.',
    )
  }
  const [firstNames = null, ...others] = name.split(' ').filter(part => part !== '')
  const who = { sub: user, role, firstNames, lastName: others.join(' ') || null, email } as const
  const lifetimeMs = hours * HOUR_MS
  return { token: sign({ issuer, secret: key.secret }, who, { now, lifetimeMs }), expiresAt: now + lifetimeMs }
}
