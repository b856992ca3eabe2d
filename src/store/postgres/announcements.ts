/** What was announced, and what an announcement tells. */
import type { Announcement } from '../../domain/store.ts'
import { text } from '../columns.ts'
import type { Session } from './session.ts'

const REASONS_OF_MAX = 1_000

export const announcements = async (db: Session): Promise<Announcement[]> =>
  (await db.all('select * from support.announcements')).map(row => ({
    matter: text(row.matter),
    at: Number(row.at),
    mark: Number(row.mark),
  }))

export const announced = async (db: Session, { matter, at, mark }: Announcement): Promise<void> => {
  await db.run(
    `insert into support.announcements (matter, at, mark) values ($1, $2, $3)
     on conflict (matter) do update set at = excluded.at, mark = excluded.mark`,
    [matter, at, mark],
  )
}

export const deadReasons = async (db: Session, { destination }: { destination: string }) => {
  const rows = await db.all(
    `select coalesce(reason, 'unknown') as reason, count(*) as count
     from (select reason from support.deliveries where destination = $1 and state = 'DEAD'
           order by ticket_number desc limit ${REASONS_OF_MAX}) newest
     group by 1 order by 2 desc, 1`,
    [destination],
  )
  return rows.map(row => ({ reason: text(row.reason), count: Number(row.count) }))
}
