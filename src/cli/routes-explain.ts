/** `support-relay routes explain`: which rule takes a ticket, and why the others do not. */
import type { RouteAnswer, RouteQuestion } from '../app.ts'
import { findingLines, type LoadedConfig } from './findings.ts'
import { EXIT_OK, EXIT_WRONG, type Io } from './io.ts'
import { askedInWords, table } from './table.ts'

export type RoutesExplainOptions = RouteQuestion & {
  readonly config?: string | undefined
  readonly json?: boolean | undefined
}

export type RoutesExplainParts<Config> = {
  /** Only looks: it writes nothing. */
  readonly loadConfig: (options: { readonly config?: string | undefined }, io: Io) => LoadedConfig<Config>
  readonly explainRoutes: (config: Config, question: RouteQuestion) => RouteAnswer
}

/** Exit code 0, or 2 for a configuration with problems or an option that cannot be. With `json`: one document on `out`. */
export const routesExplain = async <Config>(
  options: RoutesExplainOptions,
  io: Io,
  parts: RoutesExplainParts<Config>,
): Promise<number> => {
  const { json, config: file, ...question } = options
  const loaded = parts.loadConfig({ config: file }, io)
  if (!('config' in loaded)) {
    if (json) io.out(JSON.stringify({ ok: false, file: loaded.file, problems: loaded.problems }, null, 2))
    else for (const line of findingLines({ problems: loaded.problems, warnings: [] })) io.err(line)
    return EXIT_WRONG
  }
  const explained = parts.explainRoutes(loaded.config, question)
  if (!explained.ok) {
    if (json)
      io.out(
        JSON.stringify({ ok: false, file: loaded.file, problems: explained.problems.map(what => ({ what })) }, null, 2),
      )
    else for (const problem of explained.problems) io.err(`routes explain: ${problem}`)
    return EXIT_WRONG
  }
  if (json) io.out(JSON.stringify(document(loaded.file, explained), null, 2))
  else for (const line of lines(explained)) io.out(line)
  return EXIT_OK
}

type Answer = RouteAnswer & { readonly ok: true }

/** Rules count from 1, as in the text. */
const document = (file: string | null, { facts, rules, takenBy, destinations }: Answer) => ({
  ok: true,
  file,
  ticket: factsShown(facts),
  rules: rules.map(({ index, when, verdict, why, destinations: to }) => ({ rule: index + 1, when, to, verdict, why })),
  takenBy: takenBy + 1,
  destinations,
})

const lines = ({ facts, rules, takenBy, destinations }: Answer): readonly string[] => {
  const ticket = Object.entries(factsShown(facts)).map(([key, value]) => `${key}: ${value ?? 'none'}`)
  const rows = table(
    rules.map(({ index, when, verdict, destinations: to }) => [
      `${index + 1}`,
      marks[verdict],
      askedInWords(when),
      `-> ${to.join(', ')}`,
    ]),
  )
  return [
    `A ticket with ${ticket.join(', ')}`,
    '',
    ...rules.flatMap(({ why }, index) => [rows[index] ?? '', `       ${why}`]),
    '',
    `Rule ${takenBy + 1} takes it: ${destinations.join(', ')}`,
  ]
}

const marks = { takes: 'takes it', 'no-match': 'no', 'too-late': 'too late' } as const

/** Without subject and message, which the asker knows and nobody else needs to see. */
const factsShown = ({ type, role, organization, mailDomain, project }: Answer['facts']) => ({
  type,
  role,
  organization,
  mailDomain,
  project,
})
