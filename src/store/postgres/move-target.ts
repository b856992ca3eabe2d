/** A database that a folder moves into: what it may hold before, how far the move has come, and that it is whole. */
import { type Row, text } from '../columns.ts'
import {
  BATCH_BYTES_MAX,
  BATCH_ROWS_MAX,
  type Batch,
  type Cells,
  cellFrom,
  type Kind,
  keyOf,
  MOVED_TABLES,
  type MovedTable,
  valueFrom,
} from '../moved-tables.ts'
import { troubleOf } from './errors.ts'
import { NOW } from './leases.ts'
import { lockLeases } from './locks.ts'
import type { Primary, Session } from './session.ts'

/** The database cannot take this folder, in a sentence that says what to do. */
export class MoveRefused extends Error {
  override readonly name = 'MoveRefused'
}

/** How many rows arrived, and the last of them: null for none yet. */
export type Place = { readonly rows: number; readonly last: { readonly table: string; readonly key: Cells } | null }
const START: Place = { rows: 0, last: null }
/** `resumed`: some of it is there already, from a move that did not come to its end. */
export type Begun = { readonly outcome: 'new' | 'resumed' | 'done'; readonly place: Place }
export type Which = { readonly id: string; readonly state: string }

/** Takes the database for this move, or goes on with it. From here on nobody takes a lease or a ticket's number there, whoever runs.
 *  A folder that was served since the last try is moved anew. @throws MoveRefused when it holds anything else */
export const beginMove = async (db: Session, { id, state }: Which, now: number): Promise<Begun> => {
  await lockLeases(db)
  const [row] = await db.all('select * from support.moves for update')
  if (row && row.source !== id) throw new MoveRefused(row.done_at === null ? OTHERS_HALF : OTHERS)
  if (row && row.done_at !== null) {
    if (row.state !== state) throw new MoveRefused(MOVED_BEFORE)
    return { outcome: 'done', place: START }
  }
  if (row?.state === state) return { outcome: 'resumed', place: placeOf(row) }
  // Waits for tickets that are just being stored: then they are seen.
  await db.run('alter sequence support.ticket_numbers restart with 2 maxvalue 2')
  await db.all("select setval('support.ticket_numbers', 2)")
  if (!row) await refuseOccupied(db)
  await db.run(`truncate ${[...MOVED, 'engines', 'search', 'search_queue', 'moves'].map(support).join(', ')}`)
  await db.run("delete from support.meta where key = 'reference_key'")
  await db.run('insert into support.moves (source, state, begun_at) values ($1, $2, $3)', [id, state, now])
  return { outcome: 'new', place: START }
}

/** Stores rows of one table, and with them how far that is. Asked again with the same rows it changes nothing.
 *  @throws MoveRefused when the database does not take them, or another move is under way there */
export const addRows = async (db: Session, table: MovedTable, batch: Batch, before: Place): Promise<Place> => {
  const key = keyOf(table, batch.at(-1) ?? [])
  const after: Place = { rows: before.rows + batch.length, last: { table: table.name, key } }
  const [row] = await db.all('select * from support.moves where done_at is null for update')
  const found = row && JSON.stringify(placeOf(row))
  if (found === JSON.stringify(after)) return after
  if (found !== JSON.stringify(before)) throw new MoveRefused(AT_ONCE)
  try {
    await db.run(
      insertOf(table),
      Object.values(table.columns).map((kind, i) => batch.map(cells => valueFrom(cells[i] ?? null, kind))),
    )
  } catch (error) {
    // Its words may quote the row.
    if (troubleOf(error) || !(error instanceof Error && 'code' in error)) throw error
    const ticket = typeof key[0] === 'number' ? `, up to those of ticket number ${key[0]}` : ''
    throw new MoveRefused(
      `It refuses rows of the table "${table.name}"${ticket} (code ${error.code}); its own log says why. The folder is as it was.`,
    )
  }
  await db.run('update support.moves set rows = $1, place_table = $2, place_key = $3', [
    after.rows,
    table.name,
    JSON.stringify(key),
  ])
  return after
}

/** The rows as they lie in the database, in the order of their key. */
export async function* rowsOf(primary: Pick<Primary, 'read'>, table: MovedTable): AsyncIterable<Batch> {
  const columns = Object.entries(table.columns)
  for (let after: Cells | null = null; ; ) {
    const values: unknown[] = (after ?? []).map((cell, i) => valueFrom(cell, table.columns[table.key[i] ?? '']))
    const rows = await primary.read(db => db.all(pageOf(table, values.length > 0), values))
    const batch = rows.map(row => columns.map(([name, kind]) => cellFrom(row[name], kind)))
    const last = batch.at(-1)
    if (!last) return
    yield batch
    after = keyOf(table, last)
  }
}

/** The next try begins anew. */
export const spoilMove = (db: Session): Promise<number> =>
  db.run("update support.moves set state = '' where done_at is null")

/** Everything is there and was compared: services may start, and go on counting where the folder ended. */
export const endMove = async (db: Session, now: number): Promise<void> => {
  await lockLeases(db)
  await db.run('alter sequence support.ticket_numbers no maxvalue')
  await db.all(
    "select setval('support.ticket_numbers', coalesce(max(number), 1), max(number) is not null) from support.tickets",
  )
  // A key may hold somebody's address.
  await db.run('update support.moves set done_at = $1, place_key = null where done_at is null', [now])
}

const MOVED = MOVED_TABLES.map(({ name }) => name).filter(name => name !== 'meta')
const support = (name: string): string => `support.${name}`

/** A service that was only started once has left its destinations there and a key, and nothing that would be missed. */
const refuseOccupied = async (db: Session): Promise<void> => {
  const [alive] = await db.all(
    `select 1 from support.engines where alive_until > ${NOW}
     union all
     select 1 from support.destinations where lease_engine is not null and lease_until > ${NOW}`,
  )
  if (alive) throw new MoveRefused(SERVED)
  for (const name of MOVED.filter(name => name !== 'destinations')) {
    const [row] = await db.all(`select 1 from support.${name} limit 1`)
    if (row)
      throw new MoveRefused(`It holds ${name.replaceAll('_', ' ')} of its own, and nothing is overwritten. ${ANOTHER}`)
  }
}

const ANOTHER = 'Name an empty database; nothing was changed.'
const OTHERS = `Another folder was moved into it before, and nothing is overwritten. ${ANOTHER}`
const OTHERS_HALF = `The move of another folder into it has not come to its end. Run that one again, or name an empty database; nothing was changed.`
const MOVED_BEFORE = `This folder was moved into it before, and something was stored in the folder since. ${ANOTHER}`
const SERVED =
  'A service uses it. Stop every service on it, wait half a minute, and run the same again; nothing was changed.'
const AT_ONCE = 'Another move into it is under way. Wait until that one has ended.'

const placeOf = (row: Row): Place => ({
  rows: Number(row.rows),
  last: row.place_table === null ? null : { table: text(row.place_table), key: JSON.parse(text(row.place_key)) },
})

const TYPES: Readonly<Record<Kind, string>> = {
  number: 'bigint',
  text: 'text',
  bytes: 'bytea',
  truth: 'boolean',
  uuid: 'uuid',
}
const list = (names: readonly string[]): string => names.map(name => `"${name}"`).join(', ')

/** Every ticket waits for the index of words as a new one does. */
const insertOf = ({ name, columns }: MovedTable): string => {
  const names = list(Object.keys(columns))
  const arrays = Object.values(columns).map((kind, i) => `$${i + 1}::${TYPES[kind]}[]`)
  const insert = `insert into support.${name} (${names}) select * from unnest(${arrays.join(', ')}) as rows (${names})`
  return name === 'tickets'
    ? `with new as (${insert} returning number) insert into support.search_queue (ticket_number) select number from new`
    : insert
}

/** Bounded in rows and in text, but for one row that is longer. */
const pageOf = ({ name, key, columns, only }: MovedTable, isLater: boolean): string => {
  const size = Object.entries(columns)
    .filter(([, kind]) => kind === 'text')
    .map(([column]) => `coalesce(octet_length("${column}"), 0)`)
  const behind = `(${list(key)}) > (${key.map((_, i) => `$${i + 1}`).join(', ')})`
  const conditions = [only, isLater ? behind : undefined].filter(condition => condition !== undefined)
  return `select ${list(Object.keys(columns))}
    from (select *, sum(size) over (order by ${list(key)} rows unbounded preceding) as upto
      from (select *, ${['0', ...size].join(' + ')} as size from support.${name}
        ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
        order by ${list(key)}
        limit ${BATCH_ROWS_MAX}) page) summed
    where upto - size < ${BATCH_BYTES_MAX} or upto = size
    order by ${list(key)}`
}
