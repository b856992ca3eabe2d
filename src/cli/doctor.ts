/** `support-relay doctor`: what there is to object to in what the tickets are kept in. */
import type { Finding } from '../app.ts'
import { EXIT_OK, EXIT_WRONG, type Io, refuse } from './io.ts'
import { EXIT_STORE } from './serve.ts'

/** Nothing is refused, and something could be safer. */
const EXIT_WARNINGS = 1

export type DoctorOptions = {
  readonly patroni?: readonly string[] | undefined
  readonly json?: boolean | undefined
}

export type DoctorParts = {
  /** What is looked at, in words; `examine` changes nothing. */
  readonly load: () =>
    | { readonly store: string; readonly examine: (patroni: readonly string[]) => Promise<readonly Finding[]> }
    | { readonly why: string; readonly code: number }
}

/** Exit code 0 when all is sound, 1 where there are warnings, 3 where something is refused; 2 for wrong usage. */
export const doctor = async (options: DoctorOptions, io: Io, parts: DoctorParts): Promise<number> => {
  const { patroni = [] } = options
  const wrong = patroni.find(url => !isAddress(url))
  if (wrong !== undefined) return refuse(options, io, NO_ADDRESS, EXIT_WRONG)
  const loaded = parts.load()
  if ('why' in loaded) return refuse(options, io, loaded.why, loaded.code)
  const findings = await loaded.examine(patroni)
  const refused = findings.filter(({ severity }) => severity === 'refused')
  const warnings = findings.filter(({ severity }) => severity === 'warning')
  if (options.json) io.out(JSON.stringify({ store: loaded.store, refused, warnings }, null, 2))
  else for (const line of lines(loaded.store, refused, warnings)) io.out(line)
  if (refused.length > 0) return EXIT_STORE
  return warnings.length > 0 ? EXIT_WARNINGS : EXIT_OK
}

const NO_ADDRESS =
  '--patroni takes the http:// or https:// address of a REST API of Patroni, such as http://db1.example.org:8008, without a name or password.'

const isAddress = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}

const lines = (store: string, refused: readonly Finding[], warnings: readonly Finding[]): readonly string[] =>
  refused.length + warnings.length === 0
    ? [`${store}: nothing to object to.`]
    : [
        `${store}: ${refused.length} refused, ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}.`,
        ...[...refused, ...warnings].flatMap(({ severity, subject, what, fix }) => [
          '',
          `${severity}  ${subject}`,
          `    ${what}`,
          `    Fix: ${fix}`,
        ]),
      ]
