/** Where tickets are kept: in a folder, or in a PostgreSQL that others may share. */
import type { PostgresAddress } from '../domain/postgres-address.ts'
import type { Found } from './document.ts'
import { decodeUtf8 } from './expand.ts'
import { optional, readKeys, required, type Type } from './keys.ts'
import { caFile, type ReadFile } from './network.ts'
import { type PostgresUrl, parsePostgresUrl, UrlFault } from './postgres-url.ts'
import type { Findings } from './problem.ts'
import { oneOf, secret, text } from './types.ts'

const form = 'the path of a folder'
const POOLERS = ['none', 'transaction'] as const

export const folder: Type<string> = {
  form,
  read(found, findings) {
    const path = text(form).read(found, findings)
    if (path === undefined || !/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return path
    const what = 'This is an address, where the path of a folder is expected.'
    findings.problem(
      found.place,
      what,
      'Write the path of a folder, such as ./data; a PostgreSQL is named in the configuration, as `store`.',
    )
    return undefined
  },
}

/** A folder by its path, as it is written. */
export const store = (read: ReadFile): Type<string | PostgresAddress> => ({
  form: 'the path of a folder, a postgres:// address, or a group with `url`, `passwordFile`, `caFile`, `pooler`',
  read(found, findings) {
    if (found.kind === 'group') return group(found, findings, read)
    const isUrl = found.kind === 'scalar' && /^postgres(ql)?:\/\//i.test(String(found.value))
    if (!isUrl) return folder.read(found, findings)
    const parsed = url.read(found, findings)
    return parsed && addressOf(parsed, found, findings, { pooler: 'none', password: null, ca: null })
  },
})

const group = (found: Found, findings: Findings, read: ReadFile): PostgresAddress | undefined => {
  const values = readKeys(postgresKeys(read), found, findings)
  if (!values) return undefined
  const { pooler, passwordFile, caFile } = values
  return addressOf(values.url, found, findings, { pooler, password: passwordFile, ca: caFile?.pem ?? null })
}

const addressOf = (
  { sslMode, ...parsed }: PostgresUrl,
  found: Found,
  findings: Findings,
  more: { readonly pooler: (typeof POOLERS)[number]; readonly password: string | null; readonly ca: string | null },
): PostgresAddress => {
  const isNear = parsed.hosts.every(({ host }) => /^(localhost|127(\.\d+){3}|::1)$/.test(host))
  const mode = sslMode ?? (isNear && more.ca === null ? 'disable' : 'verify-full')
  if (more.password !== null && parsed.password !== null)
    findings.problem(found.place, 'There are two passwords.', 'Remove the one in `url`, or `passwordFile`.')
  if (more.ca !== null && mode !== 'verify-full')
    findings.problem(
      found.place,
      `Nothing is checked with \`caFile\` under sslmode=${mode}.`,
      'Write sslmode=verify-full, or remove `caFile`.',
    )
  if (mode === 'require')
    findings.warning(
      found.place,
      'With sslmode=require nobody checks whether it is the right server.',
      'Use sslmode=verify-full, with `caFile` where the authority is your own.',
    )
  if (mode === 'disable' && !isNear)
    findings.warning(found.place, 'Tickets travel to the database in the clear.', 'Remove sslmode=disable.')
  return {
    ...parsed,
    password: more.password ?? parsed.password,
    tls: mode === 'disable' ? null : { ca: more.ca, isVerified: mode === 'verify-full' },
    pooler: more.pooler,
  }
}

const url: Type<PostgresUrl> = {
  form: 'a postgres:// address',
  read(found, findings) {
    const value = secret(url.form).read(found, findings)
    if (value === undefined) return undefined
    try {
      const parsed = parsePostgresUrl(value)
      if (parsed.password === '') {
        const fix =
          'Put the password there, name its file as `passwordFile`, or remove the `:` where none is asked for.'
        findings.problem(found.place, 'The password is empty.', fix)
        return undefined
      }
      if (parsed.password !== null && found.kind === 'scalar' && !found.isInserted)
        findings.warning(
          found.place,
          'The password of the database stands in the configuration itself.',
          'Put ${NAME} or ${file:/path} in its place, or name its file as `passwordFile`.',
        )
      return parsed
    } catch (error) {
      if (!(error instanceof UrlFault)) throw error
      // The address itself may hold a password, so it is not shown.
      findings.problem(
        found.place,
        `The address ${error.message}.`,
        'Write postgres://user@host/database, several hosts as h1,h2:5433; a password with ${NAME} or in `passwordFile`.',
      )
      return undefined
    }
  },
}

const passwordFile = (read: ReadFile): Type<string> => ({
  form: 'the path of a file that holds nothing but the password',
  read(found, findings) {
    const path = text(passwordFile(read).form).read(found, findings)
    if (path === undefined) return undefined
    const content = decodeUtf8(() => read(path))
    const password = content.ok ? content.text.replace(/\r?\n$/, '') : ''
    if (password !== '') return password
    const why = content.ok ? 'is empty' : content.why
    findings.problem(found.place, `The file ${why}.`, 'Name a file with the password, that the service may read.')
    return undefined
  },
})

const postgresKeys = (read: ReadFile) => ({
  url: required(url, { meaning: 'Where the database is; of several hosts the one that takes writes is used.' }),
  passwordFile: optional(passwordFile(read), null, { meaning: "The password's file, where it is not in the address." }),
  caFile: optional(caFile(read), null, { meaning: 'A file of certificates (PEM) that the server is checked with.' }),
  pooler: optional(oneOf(POOLERS), POOLERS[0], {
    meaning: '`transaction` when a pooler such as PgBouncer stands in front that shares sessions.',
  }),
})
