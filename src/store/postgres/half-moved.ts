/** A database that a folder is being moved into: nothing is delivered from it before all of it is there. */
import { SchemaRefused } from './migrate.ts'
import type { Session } from './session.ts'

export const isHalfMoved = async (db: Session): Promise<boolean> => {
  const [row] = await db.all('select 1 from support.moves where done_at is null')
  return row !== undefined
}

/** @throws SchemaRefused */
export const refuseHalfMoved = async (db: Session): Promise<void> => {
  if (await isHalfMoved(db))
    throw new SchemaRefused(
      'A data folder is being moved into this database, and not all of it is there. Run the same "support-relay move" again until it says that all was moved; or go on with the folder, and name it as `store`. Nothing was changed.',
    )
}
