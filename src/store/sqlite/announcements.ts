/** What was announced, and what an announcement tells. */
import type { Announcement } from '../../domain/store.ts'
import { text } from '../columns.ts'
import type { Database } from './database.ts'

const REASONS_OF_MAX = 1_000

export const announcementReads = (db: Database) => {
  const all = db.prepare('select * from announcements')
  const reasons = db.prepare(
    `select coalesce(reason, 'unknown') as reason, count(*) as count
     from (select reason from deliveries indexed by deliveries_dead where destination = ? and state = 'DEAD'
           order by ticket_number desc limit ${REASONS_OF_MAX})
     group by 1 order by 2 desc, 1`,
  )
  return {
    announcements: (): Announcement[] =>
      all.all().map(row => ({ matter: text(row.matter), at: Number(row.at), mark: Number(row.mark) })),
    deadReasons: ({ destination }: { destination: string }) =>
      reasons.all(destination).map(row => ({ reason: text(row.reason), count: Number(row.count) })),
  }
}

export const announcementWrites = (db: Database) => {
  const put = db.prepare('insert or replace into announcements (matter, at, mark) values (?, ?, ?)')
  return {
    announced({ matter, at, mark }: Announcement): void {
      db.transaction(() => put.run(matter, at, mark))
    },
  }
}
