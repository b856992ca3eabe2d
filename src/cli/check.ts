/** `support-relay check`: everything that is wrong with the configuration, at once, or what it amounts to. */
import type { Summary } from '../app.ts'
import { findingLines, type LoadedConfig } from './findings.ts'
import { EXIT_OK, EXIT_WRONG, type Io } from './io.ts'
import { askedInWords, table } from './table.ts'

export type CheckOptions = {
  readonly config?: string | undefined
  readonly port?: string | undefined
  readonly data?: string | undefined
  readonly json?: boolean | undefined
}

export type CheckParts<Config> = {
  /** Only looks: it writes nothing. */
  readonly loadConfig: (
    options: {
      readonly config?: string | undefined
      readonly port?: string | undefined
      readonly data?: string | undefined
    },
    io: Io,
  ) => LoadedConfig<Config>
  readonly summarize: (config: Config) => Summary
}

/** Exit code 0, or 2 where there are problems. With `json`: one document on `out`, whatever the outcome. */
export const check = async <Config>(options: CheckOptions, io: Io, parts: CheckParts<Config>): Promise<number> => {
  const loaded = parts.loadConfig({ config: options.config, port: options.port, data: options.data }, io)
  const { file, warnings } = loaded
  const isSound = 'config' in loaded
  const summary = isSound ? parts.summarize(loaded.config) : null
  const problems = isSound ? [] : loaded.problems
  if (options.json) {
    io.out(JSON.stringify({ ok: isSound, file, problems, warnings, configuration: summary }, null, 2))
  } else {
    for (const line of findingLines({ problems, warnings })) io.err(line)
    for (const line of summary === null ? [] : summaryLines(file, summary)) io.out(line)
  }
  return isSound ? EXIT_OK : EXIT_WRONG
}

const summaryLines = (file: string | null, summary: Summary): readonly string[] => [
  file === null ? 'No configuration: the evaluation mode, for trying out on this machine.' : `${file} is sound.`,
  '',
  `Listens on    ${summary.listens}`,
  `Metrics on    ${summary.metrics}`,
  summary.database === null
    ? `Keeps data in ${summary.folder}`
    : `Keeps data in the PostgreSQL database ${summary.database}`,
  `Keeps         tickets ${summary.keeps.tickets}, attempts ${summary.keeps.attempts}`,
  `Accepts       tokens of "${summary.tokens.issuer}", ${summary.tokens.key}${summary.tokens.audience === null ? '' : `, audience "${summary.tokens.audience}"`}`,
  `Announces to  ${summary.alerts ?? 'the first chat or mailbox of the team that works'}`,
  '',
  'Destinations',
  ...table(
    summary.destinations.map(({ name, title, settings, rate, concurrency, timeout }) => [
      name,
      title,
      `rate ${rate}, ${concurrency} at once, ${timeout}`,
      Object.entries(settings)
        .map(([key, value]) => `${key}: ${value}`)
        .join(', '),
    ]),
  ),
  '',
  'Routes',
  ...table(summary.routes.map(({ when, to }, index) => [`${index + 1}`, askedInWords(when), `-> ${to.join(', ')}`])),
]
