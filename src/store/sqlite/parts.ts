/** The index by user is cut into parts, in the order of acceptance: intake looks into those of the last hour, or week, and writes to the newest. */
import { LIMIT_WINDOW_MS } from '../../domain/store.ts'
import type { Database } from './database.ts'

/** One user's place in a part: their last ordinal there, 0 for none. */
export type UserPart = { readonly part: number; readonly lastAt: number; readonly ordinal: number }
/** Newest first. */
export type UserParts = readonly [UserPart, ...UserPart[]]

/** A part ends once it is a day old and holds this many tickets: a week is then looked through in eight seeks, and the index of a part stays
 *  small (200 kB), unless a day brings more. */
const PART_MIN_MS = 24 * 3_600_000
const PART_MIN_TICKETS = 4_096

export const userParts = (db: Database) => {
  const lastOrdinal = `(select user_ordinal from tickets indexed by tickets_by_user
    where part = p.part and username = ? order by user_ordinal desc limit 1) as ordinal`
  const newest = db.prepare(
    `select part, first_number, first_at, last_at, ${lastOrdinal} from ticket_parts p order by part desc limit 1`,
  )
  const earlier = db.prepare(
    `select part, last_at, ${lastOrdinal} from ticket_parts p indexed by ticket_parts_by_last
     where part < ? and last_at >= ?
     order by part desc`,
  )
  const lastNumber = db.prepare('select max(number) as number from tickets')
  const begin = db.prepare('insert into ticket_parts (first_number, first_at, last_at) values (?, ?, ?) returning part')
  const widen = db.prepare(
    'update ticket_parts set first_at = min(first_at, ?), last_at = max(last_at, ?) where part = ?',
  )

  return {
    /** The newest part, and of the others those with tickets of `since` or later; newest first. The first is where the user's next ticket
     *  belongs: it is begun, or its span widened, if need be. */
    of(username: string, at: number, since: number): UserParts {
      const row = newest.get(username)
      const current = row && {
        part: Number(row.part),
        lastAt: Number(row.last_at),
        ordinal: Number(row.ordinal ?? 0),
      }
      const isFull = row && Math.abs(at - Number(row.first_at)) >= PART_MIN_MS && isLarge(Number(row.first_number))
      if (!current || isFull) return [begun(at), ...(current ? [current, ...before(current.part)] : [])]
      if (at < Number(row.first_at) || at > current.lastAt) widen.run(...hoursAround(at), current.part)
      return [current, ...before(current.part)]

      function before(part: number): UserPart[] {
        return earlier.all(username, part, since).map(({ part: number, last_at, ordinal }) => ({
          part: Number(number),
          lastAt: Number(last_at),
          ordinal: Number(ordinal ?? 0),
        }))
      }
    },
  }

  function isLarge(firstNumber: number): boolean {
    return Number(lastNumber.get()?.number) - firstNumber >= PART_MIN_TICKETS
  }

  function begun(at: number): UserPart {
    const number = Number(lastNumber.get()?.number ?? 0) + 1
    return { part: Number(begin.get(number, ...hoursAround(at))?.part), lastAt: at, ordinal: 0 }
  }
}

const hoursAround = (at: number): readonly [number, number] => {
  const from = Math.floor(at / LIMIT_WINDOW_MS) * LIMIT_WINDOW_MS
  return [from, from + LIMIT_WINDOW_MS]
}
