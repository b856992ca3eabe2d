/** Services that take one text in one JSON object: they differ by an address, a few names and a table of codes. */
import { pagerRows } from './pager-rows.ts'
import { pushRows } from './push-rows.ts'
import { robotRows } from './robot-rows.ts'
import type { Row } from './row.ts'

export const rows: readonly Row[] = [...pushRows, ...robotRows, ...pagerRows]
