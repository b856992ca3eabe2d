/** What a failure of the driver or the server means: for what was asked, and for the connection. Each row has a test. */
import { StoreUnavailable } from '../../domain/store.ts'

/** What every caller sees of it. */
export class DatabaseUnavailable extends StoreUnavailable {
  /** It stays so until somebody changes the database or the configuration. */
  readonly isPermanent: boolean
  constructor(
    outcome: StoreUnavailable['outcome'],
    { message, isPermanent }: Pick<Trouble, 'message' | 'isPermanent'>,
    options?: ErrorOptions,
  ) {
    super(outcome, message, options)
    this.isPermanent = isPermanent
  }
}

/** What we find out about a connection ourselves. */
export class ConnectionFault extends Error {
  override readonly name = 'ConnectionFault'
  readonly code:
    | 'NO_CONNECTION'
    | 'NO_ANSWER'
    | 'NOT_SENT'
    | 'NO_TIME'
    | 'NO_PASSWORD'
    | 'NOT_REPLICATED'
    | 'POOLED'
    | 'NO_ENTRY'
  constructor(code: ConnectionFault['code']) {
    super(code)
    this.code = code
  }
}

export type Trouble = {
  /** What became of a COMMIT that was under way. */
  readonly outcome: 'not-written' | 'unknown'
  /** `keep` the connection · `drop` it · `leave` its host, with all connections there, and try another host first. */
  readonly connection: 'keep' | 'drop' | 'leave'
  /** The same may succeed when it is asked again. */
  readonly isRetried: boolean
  /** It stays so until somebody changes the database or the configuration. */
  readonly isPermanent: boolean
  /** For whoever waits: no address, no statement. */
  readonly message: string
}

/** Undefined for what the statement itself did wrong. */
export const troubleOf = (error: unknown): Trouble | undefined => {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error ? String(error.code) : ''
  return TABLE.find(row => row.is(code, error.message))?.means
}

type Is = (code: string, message: string) => boolean
type TableRow = { readonly is: Is; readonly means: Trouble }

const row = (
  is: Is,
  outcome: Trouble['outcome'],
  connection: Trouble['connection'],
  message: string,
  more: { readonly isRetried?: true; readonly isPermanent?: true } = {},
): TableRow => ({ is, means: { outcome, connection, message, isRetried: false, isPermanent: false, ...more } })

/** A whole code of the server or of the system, or the two letters of a class. */
const code =
  (...codes: string[]): Is =>
  found =>
    codes.includes(found) || codes.includes(found.slice(0, 2))
const says =
  (...words: string[]): Is =>
  (_, message) =>
    words.some(one => message.includes(one))

const again = { isRetried: true } as const
const forGood = { isPermanent: true } as const
const POOLED = 'a pooler that is not declared is in front of it: write `pooler: transaction` beside its `url`'
const LOST = 'the connection to the database was lost'

const TABLE: readonly TableRow[] = [
  // Ours
  row(code('NOT_SENT'), 'not-written', 'drop', LOST, again),
  row(code('NO_ANSWER'), 'unknown', 'leave', 'the database has not answered in time', again),
  row(code('NO_TIME'), 'not-written', 'keep', 'the database took too long'),
  row(code('NO_CONNECTION'), 'not-written', 'leave', 'the database does not answer'),
  row(code('NO_PASSWORD'), 'not-written', 'leave', 'the database asks for a password, and none is configured', forGood),
  row(
    code('NO_ENTRY'),
    'not-written',
    'leave',
    'it may not connect; as an administrator give it GRANT CONNECT ON DATABASE',
    forGood,
  ),
  row(code('POOLED'), 'not-written', 'leave', POOLED, forGood),
  row(code('NOT_REPLICATED'), 'unknown', 'keep', 'the standby has not confirmed what was written'),
  // The server's
  row(code('57P01', '57P02'), 'unknown', 'drop', 'the database is being stopped', again),
  row(code('57P03'), 'not-written', 'leave', 'the database is starting up or shutting down'),
  row(
    code('25P03', '25P04', '57P05'),
    'not-written',
    'drop',
    'the database ended a connection that did nothing',
    again,
  ),
  row(code('25006'), 'not-written', 'leave', 'no host of the database takes writes', again),
  row(code('40003'), 'unknown', 'drop', LOST),
  row(code('40', '55P03'), 'not-written', 'keep', 'others hold what this needs', again),
  row(code('57014'), 'not-written', 'keep', 'the database took too long', again),
  row(
    // Each connection has its own old plans: with one after the other the tries would be over.
    (found, message) => found === '0A000' && message.includes('cached plan'),
    'not-written',
    'leave',
    'the schema of the database was changed',
    again,
  ),
  row(code('28P01'), 'not-written', 'leave', 'the database refuses the password', forGood),
  row(code('28'), 'not-written', 'leave', 'the database does not let this user in', forGood),
  row(code('3D000'), 'not-written', 'leave', 'there is no database of this name', forGood),
  row(code('42501'), 'not-written', 'keep', 'the user lacks a right in the database', forGood),
  // What a pooler says that knows no `options`; its own words, in one language.
  row(
    (found, message) => found === '08P01' && message.includes('unsupported startup parameter'),
    'not-written',
    'leave',
    POOLED,
    forGood,
  ),
  row(
    code('08P01'),
    'unknown',
    'drop',
    'what answers is not quite a database; is it a pooler (`pooler: transaction`)?',
  ),
  row(
    code('42P05', '26000'),
    'not-written',
    'drop',
    'a pooler that is not configured (`pooler: transaction`) is between',
  ),
  row(code('53300'), 'not-written', 'leave', 'the database has no connection left'),
  // Whether such a thing has hit the COMMIT itself, the server's words do not tell.
  row(code('53'), 'unknown', 'keep', 'the database has no disk or memory left'),
  row(code('58', 'XX'), 'unknown', 'drop', 'the database has trouble with its disk'),
  row(code('08'), 'unknown', 'drop', LOST, again),
  // The way there
  row(
    code('ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'),
    'not-written',
    'leave',
    'the database cannot be reached',
  ),
  row(code('ECONNRESET', 'EPIPE', 'ETIMEDOUT'), 'unknown', 'drop', LOST, again),
  // What its certificate is worth
  row(
    code(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'CERT_UNTRUSTED',
    ),
    'not-written',
    'leave',
    'its certificate is of an authority that is not known here: name the file of that authority as `caFile` beside its `url`',
    forGood,
  ),
  row(
    code('ERR_TLS_CERT_ALTNAME_INVALID'),
    'not-written',
    'leave',
    'its certificate is for another name: write a name that stands in the certificate as the host in its `url`',
    forGood,
  ),
  row(code('CERT_HAS_EXPIRED'), 'not-written', 'leave', 'its certificate has expired: give it a new one', forGood),
  // Clocks are often set right a little after a machine's start.
  row(
    code('CERT_NOT_YET_VALID'),
    'not-written',
    'leave',
    'its certificate is not valid yet: look at the clocks of both machines',
  ),
  // The driver's, which have no codes
  row(says('Connection terminated'), 'unknown', 'drop', LOST, again),
  row(
    says('does not support SSL'),
    'not-written',
    'leave',
    'it does not speak TLS: turn that on there (`ssl = on`), or write `sslmode=disable` in its `url`',
    forGood,
  ),
  row(says('establishing an SSL connection'), 'not-written', 'leave', 'what answers does not speak TLS'),
]
