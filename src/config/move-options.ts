/** `--from` and `--to` of a move: a folder and a database, with `${NAME}` and `${file:…}` as in the configuration. */
import { resolve } from 'node:path'
import type { PostgresAddress } from '../domain/postgres-address.ts'
import { expandTree } from './expand.ts'
import type { Type } from './keys.ts'
import type { LoadOptions } from './load.ts'
import { type ConfigProblem, Findings, nowhere } from './problem.ts'
import { folder, store } from './store.ts'

/** `folder` is absolute; `address` is null where none was typed. */
export type MoveOptions =
  | {
      readonly folder: string
      readonly address: PostgresAddress | null
      readonly warnings: readonly ConfigProblem[]
    }
  | { readonly problems: readonly ConfigProblem[]; readonly warnings: readonly ConfigProblem[] }

export const readMoveOptions = (
  typed: { readonly from: string; readonly to?: string | undefined },
  { env, cwd, files }: Pick<LoadOptions, 'env' | 'cwd' | 'files'>,
): MoveOptions => {
  const findings = new Findings()
  const read = <T>(key: string, value: string, type: Type<T>): T | undefined => {
    const scalar = { kind: 'scalar', place: { ...nowhere, key }, value, source: value, isInserted: false } as const
    return type.read(expandTree(scalar, { env, readFile: files.read, cwd }, findings), findings)
  }
  const from = read('--from', typed.from, folder)
  let address: PostgresAddress | undefined
  if (typed.to !== undefined) {
    if (holdsPassword(typed.to)) {
      const what = 'A password on the command line is seen by everybody on this machine, and kept by the shell.'
      findings.problem(
        { ...nowhere, key: '--to' },
        what,
        "Put '${NAME}' or '${file:/path}' in its place, in single quotes, or name the configuration with --config instead.",
      )
    } else
      address = read(
        '--to',
        typed.to,
        database(path => files.read(resolve(cwd, path))),
      )
  }
  const { problems, warnings } = findings
  if (from === undefined || problems.length > 0) return { problems, warnings }
  return { folder: resolve(cwd, from), address: address ?? null, warnings }
}

const INSERTED = /\$\{[^}]*\}/g

/** Whether it spells out a part of a password, instead of naming where it comes from. */
const holdsPassword = (typed: string): boolean => {
  const [, password = ''] = /^[a-z]+:\/\/[^@/?#:]*:([^/?#]*)@/i.exec(typed.replaceAll(INSERTED, '')) ?? []
  return password !== ''
}

const database = (readFile: Parameters<typeof store>[0]): Type<PostgresAddress> => ({
  form: 'a postgres:// address',
  read(found, findings) {
    const isAddress =
      found.kind === 'broken' || (found.kind === 'scalar' && /^postgres(ql)?:\/\//i.test(`${found.value}`))
    const read = isAddress ? store(readFile).read(found, findings) : undefined
    if (typeof read === 'object') return read
    if (!isAddress) {
      // Whatever it is, it may hold a password.
      const what = `The value is not ${this.form}.`
      findings.problem(
        found.place,
        what,
        "Write it like 'postgres://relay:${DB_PASSWORD}@db1,db2/relay', in single quotes.",
      )
    }
    return undefined
  },
})
