/** A database that a folder is being moved into: nothing is delivered from it before all of it is there. */
import type { Finding } from '../../domain/finding.ts'
import { SchemaRefused } from './migrate.ts'
import type { SchemaState } from './schema.ts'
import type { Session } from './session.ts'

const WHAT = 'A data folder is being moved into this database, and not all of it is there.'
const FIX =
  'Run the same "support-relay move" again until it says that all was moved; or go on with the folder, and name it as `store`.'

export const isHalfMoved = async (db: Session): Promise<boolean> => {
  const [row] = await db.all('select 1 from support.moves where done_at is null')
  return row !== undefined
}

/** @throws SchemaRefused */
export const refuseHalfMoved = async (db: Session): Promise<void> => {
  if (await isHalfMoved(db)) throw new SchemaRefused(`${WHAT} ${FIX} Nothing was changed.`)
}

/** The same for whoever only looks. A role that may not see it lacks a right, which is another finding. @param state of what is looked at */
export const halfMovedFindings = async (db: Session, { version }: SchemaState): Promise<readonly Finding[]> => {
  // Of a version that can be read, the schema is ours and may be looked into; before the fourth it has no such table.
  if (!version) return []
  const [row] = await db.all("select has_table_privilege(to_regclass('support.moves'), 'SELECT') as may_see")
  if (row?.may_see !== true || !(await isHalfMoved(db))) return []
  return [{ severity: 'refused', subject: 'store', what: WHAT, fix: FIX }]
}
