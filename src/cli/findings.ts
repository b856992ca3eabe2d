/** What was found when a configuration was loaded, and how it is shown to a person. */

/** Something about a configuration that its operator should know. */
export type Finding = {
  readonly file: string | null
  readonly line: number | null
  readonly column: number | null
  readonly key: string
  readonly what: string
  readonly fix: string
}

/** What loading gives, as far as commands look at it. */
export type LoadedConfig<Config> =
  | { readonly config: Config; readonly file: string | null; readonly warnings: readonly Finding[] }
  | { readonly problems: readonly Finding[]; readonly file: string | null; readonly warnings: readonly Finding[] }

/** Everything found, problems first, one block for each place: `file:line:column  key`, then what is wrong and how to mend it. */
export const findingLines = (found: {
  readonly problems?: readonly Finding[]
  readonly warnings: readonly Finding[]
}): readonly string[] => [...blocks('problem', found.problems ?? []), ...blocks('warning', found.warnings)]

const blocks = (noun: string, findings: readonly Finding[]): readonly string[] => {
  if (findings.length === 0) return []
  const places = Map.groupBy(findings, place)
  const lines = [...places].flatMap(([where, here]) => [
    '',
    where,
    ...here.flatMap(({ what, fix }) => [`    ${what}`, `    Fix: ${fix}`]),
  ])
  return [`${findings.length} ${noun}${findings.length === 1 ? '' : 's'}:`, ...lines, '']
}

const place = ({ file, line, column, key }: Finding): string => {
  const position = [file, line, column].filter(part => part !== null).join(':')
  return [position, key].filter(part => part !== '').join('  ') || 'command line'
}
