/** The version after this one: a copy of the program that knows one migration more. */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './docs-blocks.ts'

export type NextVersion = {
  /** What is to be run of it. */
  readonly main: string
  dispose(): void
}

/** @param sql of its migration `9999-further` */
export const nextVersion = (sql: string): NextVersion => {
  const copy = mkdtempSync(join(tmpdir(), 'support-relay-next-'))
  for (const part of ['src', 'package.json']) cpSync(join(root, part), join(copy, part), { recursive: true })
  for (const part of ['node_modules', 'dist']) symlinkSync(join(root, part), join(copy, part))
  writeFileSync(join(copy, 'src', 'store', 'postgres', 'migrations', '9999-further.sql'), sql)
  return { main: join(copy, 'src', 'cli', 'main.ts'), dispose: () => rmSync(copy, { recursive: true }) }
}
