/** The address of a PostgreSQL, with several hosts and nothing that we would not honour. Drivers ignore or refuse some of it, so we read it. */
import type { PostgresAddress } from '../domain/postgres-address.ts'

export type PostgresUrl = Omit<PostgresAddress, 'pooler' | 'tls'> & {
  /** Null where the address says nothing of it. */
  readonly sslMode: SslMode | null
}
export type SslMode = (typeof SSL_MODES)[number]
const SSL_MODES = ['disable', 'require', 'verify-full'] as const

/** What is wrong, without a word of what stands there: it may hold a password. */
export class UrlFault extends Error {
  override readonly name = 'UrlFault'
}

const SHAPE = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#]*)\/([^/?#]*)(?:\?([^@#]*))?$/i
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i
const PORT = 5_432
/** These end the password, also where it is put in by its name. */
const IN_PASSWORD =
  'in a password @ is written %40, / %2F, # %23, ? %3F and % %25; in the file of `passwordFile` they stay as they are'

/** @throws UrlFault */
export const parsePostgresUrl = (text: string): PostgresUrl => {
  const [, who = '', hosts = '', database = '', query = ''] =
    SHAPE.exec(text) ?? refuse(`is not of the form postgres://user@host/database (${IN_PASSWORD})`)
  const colon = who.indexOf(':')
  const user = decoded(colon === -1 ? who : who.slice(0, colon))
  if (user === '') refuse('names no user')
  if (database === '') refuse('names no database')
  return {
    hosts: hosts.split(',').map(hostOf),
    database: decoded(database),
    user,
    password: colon === -1 ? null : decoded(who.slice(colon + 1)),
    sslMode: sslModeOf(query),
  }
}

const hostOf = (text: string): PostgresAddress['hosts'][number] => {
  const [, host = '', port] = HOST.exec(text) ?? refuse(`names a host that is none (${IN_PASSWORD})`)
  const number = port === undefined ? PORT : Number(port)
  if (number < 1 || number > 65_535) refuse('names a port that is none')
  return { host: host.replace(/^\[|\]$/g, ''), port: number }
}

/** Whoever writes `target_session_attrs=read-write` asks for what is done anyway. */
const sslModeOf = (query: string): SslMode | null => {
  let mode: SslMode | null = null
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === 'target_session_attrs' && value === 'read-write') continue
    const known = SSL_MODES.find(one => one === value)
    if (name !== 'sslmode')
      refuse('has a parameter that is not known here; known are sslmode and target_session_attrs=read-write')
    mode = known ?? refuse(`has an sslmode that is not one of ${SSL_MODES.join(', ')}`)
  }
  return mode
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse('has a % that begins no character; write it as %25')
  }
}

const refuse = (fault: string): never => {
  throw new UrlFault(fault)
}
