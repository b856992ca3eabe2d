/** Forgetting what is older than the operator keeps, a slice at a time: no slice holds the writer for long. */
import { MOVED } from '../../domain/delivery.ts'
import { firstId, TEXT_BYTES, uuidBytes, uuidText } from '../columns.ts'
import { type Database, LIMIT } from './database.ts'
import { mergeOf } from './indexing.ts'

/** A slice ends at this much text: each page of a long one is looked at when it is freed. */
const SLICE_BYTES = 1024 * 1024
/** What is forgotten stays in the pages of the search index until they are merged: twice as many as a slice frees. */
const MERGED_PAGES = 32
/** What staff and users did goes along with the tickets of its time: so many rows with each slice. */
const AUDIT_EACH = 500
/** Whoever closes a ticket has seen what was given up, if it is staff. */
const CLOSED_BY_STAFF = `coalesce((select "by" ->> 'staff' from events
  where ticket_number = t.number and status = 'CLOSED'
  order by event_number desc limit 1), 0)`

export const retentionWrites = (db: Database) => {
  // When they are first wanted: preparing them took half a millisecond of every start.
  let prepared: ReturnType<typeof prepare> | undefined
  const statements = () => {
    prepared ??= prepare(db)
    return prepared
  }
  return {
    forgetTickets(request: { before: number; after: string | null; limit: number }) {
      const { old, isForgettable, removals, merge, forgetAudit } = statements()
      const after = request.after === null ? new Uint8Array(0) : uuidBytes(request.after)
      return db.transaction(() => {
        let [removed, bytes, last] = [0, 0, request.after]
        const rows = old.all(after, firstId(request.before), request.limit)
        let isLast = rows.length < request.limit
        for (const { number = 0, id, bytes: size } of rows) {
          bytes += Number(size)
          if (bytes > SLICE_BYTES && last !== request.after) {
            isLast = false
            break
          }
          last = uuidText(id)
          if (!isForgettable.get(number, request.before)) continue
          for (const removal of removals) removal.run(number)
          removed += 1
        }
        if (removed > 0) merge.run()
        const acts = forgetAudit.run(request.before, AUDIT_EACH).changes
        return { removed, after: last, isLast: isLast && acts < AUDIT_EACH }
      })
    },
    forgetAttempts(request: { before: number; after: number; limit: number }) {
      const { lastOld, tried, removeAttempts } = statements()
      const end = Number(lastOld.get(firstId(request.before))?.number ?? 0)
      const numbers = tried.all(request.after, end, request.limit)
      const last = Number(numbers.at(-1)?.number ?? request.after)
      return {
        removed: db.transaction(() => removeAttempts.run(request.after, last, request.before).changes),
        after: last,
        isLast: numbers.length < request.limit,
      }
    },
  }
}

const prepare = (db: Database) => {
  // Ids begin with their time, so the index that is there anyway knows what is old; and a slice goes on where the last one ended.
  const old = db.prepare(
    `select number, id, ${TEXT_BYTES} as bytes from tickets indexed by tickets_by_id
     where id > ? and id < ?
     order by id
     ${LIMIT}`,
  )
  const isForgettable = db.prepare(
    `select 1 from tickets t
     where number = ? and number < (select max(number) from tickets)
       and not exists (select 1 from events where ticket_number = t.number and at >= ?)
       and not exists (
         select 1 from deliveries
         where ticket_number = t.number
           and (state = 'PENDING' or (state = 'DEAD' and reason is not '${MOVED}' and not (t.status = 'CLOSED' and ${CLOSED_BY_STAFF}))))`,
  )
  const forgetAudit = db.prepare(
    `delete from audit where id in (select id from audit where at < ? order by at ${LIMIT})`,
  )
  const removals = ['attempts', 'ticket_refs', 'deliveries', 'events']
    .map(table => `delete from ${table} where ticket_number = ?`)
    .concat(
      'delete from search where rowid = ?',
      'delete from search_queue where ticket_number = ?',
      'delete from tickets where number = ?',
    )
    .map(sql => db.prepare(sql))
  const merge = db.prepare(mergeOf(MERGED_PAGES))
  const lastOld = db.prepare(
    'select number from tickets indexed by tickets_by_id where id < ? order by id desc limit 1',
  )
  const tried = db.prepare(
    `select distinct ticket_number as number from attempts
     where ticket_number > ? and ticket_number <= ?
     order by ticket_number
     ${LIMIT}`,
  )
  const removeAttempts = db.prepare(
    `delete from attempts
     where ticket_number > ? and ticket_number <= ? and at < ?
       and not exists (
         select 1 from deliveries d
         where d.ticket_number = attempts.ticket_number and d.destination = attempts.destination
           and d.event_number = attempts.event_number and d.state = 'PENDING')`,
  )
  return { old, isForgettable, removals, merge, lastOld, tried, removeAttempts, forgetAudit }
}
