/** Where tickets are kept. This version has the embedded store only. */
import type { Type } from './keys.ts'
import { text } from './types.ts'

const form = 'the path of a folder'
const other = 'This version keeps tickets in the embedded store only; PostgreSQL comes with a later one.'
const fix = 'Write the path of a folder, such as ./data.'

export const folder: Type<string> = {
  form,
  read(found, findings) {
    if (found.kind === 'group') {
      findings.problem(found.place, other, fix)
      return undefined
    }
    const path = text(form).read(found, findings)
    if (path === undefined || !/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return path
    const isPostgres = /^postgres(ql)?:/i.test(path)
    findings.problem(
      found.place,
      isPostgres ? other : 'This is an address, where the path of a folder is expected.',
      fix,
    )
    return undefined
  },
}
