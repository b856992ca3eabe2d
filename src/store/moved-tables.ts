/** What goes along when a folder moves into a database: every table and column that is not made of others. Both stores read their rows in this
 *  form, so that they can be compared. (test/move/tables.test.ts holds it against both schemas.) */
import { createHash } from 'node:crypto'
import { text, uuidText } from './columns.ts'

/** `truth` is 0 or 1 in SQLite and a boolean in PostgreSQL, `uuid` is bytes in SQLite. */
export type Kind = 'number' | 'text' | 'bytes' | 'truth' | 'uuid'
/** As JSON has it; bytes as hexadecimal digits. */
export type Cell = string | number | boolean | null
export type Cells = readonly Cell[]

export type MovedTable = {
  readonly name: string
  /** In the order of the rows. */
  readonly key: readonly string[]
  /** The key is among them. */
  readonly columns: Readonly<Record<string, Kind>>
  /** Only these rows. */
  readonly only?: string
}

/** Bounded in rows and in text, but for one row that is longer. */
export type Batch = readonly Cells[]
export const BATCH_ROWS_MAX = 2_000
export const BATCH_BYTES_MAX = 2 * 1024 * 1024

const numbers = (...names: readonly string[]) => named('number', names)
const texts = (...names: readonly string[]) => named('text', names)
const named = (kind: Kind, names: readonly string[]): Record<string, Kind> =>
  Object.fromEntries(names.map(name => [name, kind]))

/** Not among them: what is found by words, which the index makes anew, and leases, which nobody holds. */
export const MOVED_TABLES: readonly MovedTable[] = [
  { name: 'meta', key: ['key'], columns: { ...texts('key'), value: 'bytes' }, only: "key = 'reference_key'" },
  {
    name: 'destinations',
    key: ['name'],
    columns: {
      ...texts('name', 'state', 'reason'),
      ...numbers(
        'step',
        'probe_at',
        'held_until',
        'held_since',
        'retries_in_row',
        'success_count',
        'last_delivered_at',
      ),
      ...numbers('wait_cut_at', 'revision', 'died', 'epoch', 'last_sent_at'),
      unserved: 'truth',
    },
  },
  {
    name: 'tickets',
    key: ['number'],
    columns: {
      ...numbers('number', 'created_at'),
      id: 'uuid',
      ...texts(
        'username',
        'status',
        'type',
        'subject',
        'message',
        'user',
        'project',
        'projects',
        'technical',
        'context',
      ),
      ...texts('idempotency_key'),
      fingerprint: 'bytes',
    },
  },
  {
    name: 'events',
    key: ['ticket_number', 'event_number'],
    columns: {
      ...numbers('ticket_number', 'event_number', 'at'),
      ...texts('kind', 'by', 'message', 'status'),
      internal: 'truth',
    },
  },
  {
    name: 'deliveries',
    key: ['ticket_number', 'destination', 'event_number'],
    columns: {
      ...numbers(
        'ticket_number',
        'event_number',
        'next_attempt_at',
        'attempts',
        'level',
        'step',
        'backoff_ms',
        'spent_ms',
      ),
      ...numbers('attempted_at', 'unclear_count', 'unclear_mark', 'unavailable_count', 'unavailable_mark'),
      ...texts('destination', 'state', 'reason'),
      only_created: 'truth',
    },
  },
  {
    name: 'attempts',
    key: ['ticket_number', 'destination', 'event_number', 'attempt'],
    columns: {
      ...numbers('ticket_number', 'event_number', 'attempt', 'at', 'ms', 'status'),
      ...texts('destination', 'outcome', 'excerpt'),
    },
  },
  {
    name: 'ticket_refs',
    key: ['ticket_number', 'destination'],
    columns: { ...numbers('ticket_number'), ...texts('destination', 'ref') },
  },
  {
    name: 'sessions',
    key: ['hash'],
    columns: { hash: 'bytes', ...texts('principal'), ...numbers('expires_at') },
  },
  { name: 'used_login_links', key: ['link'], columns: { link: 'bytes', ...numbers('expires_at') } },
  { name: 'announcements', key: ['matter'], columns: { ...texts('matter'), ...numbers('at', 'mark') } },
  {
    name: 'audit',
    key: ['id'],
    columns: { ...texts('id', 'by', 'act', 'detail'), ...numbers('at', 'count') },
  },
  {
    name: 'acknowledgements',
    key: ['address', 'at', 'ticket_number'],
    columns: { ...texts('address'), ...numbers('at', 'ticket_number') },
  },
]

/** The key of a row, from which on the next one is found. */
export const keyOf = ({ key, columns }: MovedTable, row: Cells): Cells => {
  const names = Object.keys(columns)
  return key.map(name => row[names.indexOf(name)] ?? null)
}

/** A value of a row as either store gives it. */
export const cellFrom = (value: unknown, kind: Kind): Cell => {
  if (value === null || value === undefined) return null
  switch (kind) {
    case 'number':
      return Number(value)
    case 'truth':
      return value === 1 || value === true
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('hex') // a column of bytes
    case 'uuid':
      return uuidText(value)
    case 'text':
      return text(value)
    default:
      return kind satisfies never
  }
}

/** What either store takes for it. */
export const valueFrom = (cell: Cell, kind: Kind | undefined): Cell | Buffer =>
  kind === 'bytes' && cell !== null ? Buffer.from(text(cell), 'hex') : cell

export type Digest = { readonly rows: number; readonly sha256: string }

/** How many rows there are, and a hash over all of them in the order of their key. */
export const digestOf = async (batches: AsyncIterable<Batch> | Iterable<Batch>): Promise<Digest> => {
  const hash = createHash('sha256')
  let rows = 0
  for await (const batch of batches) {
    for (const row of batch) hash.update(`${JSON.stringify(row)}\n`)
    rows += batch.length
  }
  return { rows, sha256: hash.digest('hex') }
}
