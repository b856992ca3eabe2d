/** What was found when a configuration was loaded, and how it is shown to a person. */
import type { ConfigProblem } from '../app.ts'

/** What loading gives, as far as commands look at it. */
export type LoadedConfig<Config> =
  | { readonly config: Config; readonly file: string | null; readonly warnings: readonly ConfigProblem[] }
  | {
      readonly problems: readonly ConfigProblem[]
      readonly file: string | null
      readonly warnings: readonly ConfigProblem[]
    }

/** Everything found, problems first, one block for each place: `file:line:column  key`, then what is wrong and how to mend it. */
export const findingLines = (found: {
  readonly problems?: readonly ConfigProblem[]
  readonly warnings: readonly ConfigProblem[]
}): readonly string[] => [...blocks('problem', found.problems ?? []), ...blocks('warning', found.warnings)]

const blocks = (noun: string, findings: readonly ConfigProblem[]): readonly string[] => {
  if (findings.length === 0) return []
  const places = Map.groupBy(findings, place)
  const lines = [...places].flatMap(([where, here]) => [
    '',
    where,
    ...here.flatMap(({ what, fix }) => [`    ${what}`, `    Fix: ${fix}`]),
  ])
  return [`${findings.length} ${noun}${findings.length === 1 ? '' : 's'}:`, ...lines, '']
}

const place = ({ file, line, column, key }: ConfigProblem): string => {
  const position = [file, line, column].filter(part => part !== null).join(':')
  return [position, key].filter(part => part !== '').join('  ') || 'command line'
}
