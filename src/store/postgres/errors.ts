/** What a failure of the driver or the server means: for what was asked, and for the connection. A row each, with a test each; some
 *  of them have no code, so their words count. */

export type Trouble = {
  /** Whether a statement that was under way may have been carried out, if it was a COMMIT. */
  readonly outcome: 'not-written' | 'unknown'
  /** `keep` the connection · `drop` it · `next`: drop it and try another host first · `retire` all connections to this host. */
  readonly connection: 'keep' | 'drop' | 'next' | 'retire'
  /** The same transaction may succeed when it is run again. */
  readonly isRetried: boolean
  /** For whoever waits: no address, no statement. */
  readonly message: string
}

/** Undefined for what the statement itself did wrong. */
export const troubleOf = (error: unknown): Trouble | undefined => {
  const { code, message } = error instanceof Error ? { code: codeOf(error), message: error.message } : NOTHING
  return TABLE.find(row => row.is(code, message))?.means
}

const NOTHING = { code: '', message: '' }
const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '')

type TableRow = { readonly is: (code: string, message: string) => boolean; readonly means: Trouble }

const row = (
  is: TableRow['is'],
  outcome: Trouble['outcome'],
  connection: Trouble['connection'],
  message: string,
  isRetried = false,
): TableRow => ({ is, means: { outcome, connection, isRetried, message } })

const code =
  (...codes: string[]): TableRow['is'] =>
  found =>
    codes.includes(found)
const says =
  (words: string): TableRow['is'] =>
  (_, message) =>
    message.includes(words)

const TABLE: readonly TableRow[] = [
  row(code('57P01', '57P02'), 'unknown', 'retire', 'the database is being stopped'),
  row(code('25P03', '57P05'), 'not-written', 'drop', 'the database ended a connection that did nothing'),
  row(code('57P03'), 'not-written', 'next', 'the database is starting up or shutting down'),
  row(code('25006'), 'not-written', 'retire', 'the database takes no writes: another host is looked for'),
  row(code('53300'), 'not-written', 'next', 'the database has no connection left'),
  row(code('53100', '53200', '53400'), 'not-written', 'keep', 'the database has no disk or memory left'),
  row(code('40001', '40P01', '55P03'), 'not-written', 'keep', 'others hold what this needs', true),
  row(code('57014'), 'not-written', 'keep', 'the database took too long', true),
  row(code('58030', 'XX000', 'XX001', 'XX002'), 'unknown', 'drop', 'the database has trouble with its disk'),
  row(code('28P01', '28000'), 'not-written', 'next', 'the database does not accept the user or the password'),
  row(code('3D000'), 'not-written', 'next', 'the database of this name does not exist'),
  row(says('not queryable'), 'not-written', 'drop', 'the connection to the database was lost', true),
  row(says('Connection terminated due to connection timeout'), 'not-written', 'next', 'the database does not answer'),
  row(says('Connection terminated'), 'unknown', 'drop', 'the connection to the database was lost'),
  row(says('Query read timeout'), 'unknown', 'next', 'the database has not answered in time'),
  row(says('timeout expired'), 'not-written', 'next', 'the database does not answer'),
  row(
    code('ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'),
    'not-written',
    'next',
    'the database cannot be reached',
  ),
  row(code('ECONNRESET', 'EPIPE', 'ETIMEDOUT'), 'unknown', 'drop', 'the connection to the database was lost'),
  row(found => found.startsWith('08'), 'unknown', 'drop', 'the connection to the database was lost'),
]
