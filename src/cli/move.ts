/** `support-relay move`: the data of a stopped service, from its folder into a PostgreSQL. */
import type { Config, Moved, MoveOptions, MoveOrder, MoveProgress } from '../app.ts'
import { findingLines, type LoadedConfig } from './findings.ts'
import { EXIT_OK, EXIT_WRONG, type Io, refuse } from './io.ts'

/** Some of it is there, or something that differs: the same command again goes on, or begins anew. */
export const EXIT_UNFINISHED = 6

export type MoveCommand = {
  readonly from: string
  readonly to?: string
  readonly config?: string
  readonly json?: boolean
}

export type MoveParts = {
  readonly read: (typed: { readonly from: string; readonly to?: string | undefined }) => MoveOptions
  readonly load: (config: string) => LoadedConfig<Config>
  readonly move: (order: MoveOrder) => Promise<Moved>
  /** The exit code that an error of `move` stands for, with the sentence to show; undefined for a mistake of ours. */
  readonly refusal: (error: unknown) => { readonly code: number; readonly sentence: string } | undefined
  /** Shows how far it is; until what comes back is called. */
  readonly progress: (more: () => string) => () => void
}

/** Exit code 0, 2 where the options or the configuration are wrong, 3 where the folder or the database cannot be used, 6 where it has not come to its
 *  end. With `json`: one document on `out`, `{from, to, outcome, pending, tables}` or `{why, errorCode}`. */
export const moveData = async (options: MoveCommand, io: Io, parts: MoveParts): Promise<number> => {
  const places = placesOf(options, io, parts)
  if ('why' in places) return refuse(options, io, places.why, EXIT_WRONG)
  let reached: MoveProgress | undefined
  const stop = parts.progress(() => (reached ? `, ${reached.rows} of ${reached.of} rows ${reached.step}` : ''))
  try {
    const moved = await parts.move({ ...places, onProgress: progress => (reached = progress) })
    io.out(options.json ? JSON.stringify(moved, null, 2) : sentence(moved))
    return EXIT_OK
  } catch (error) {
    const refusal = parts.refusal(error)
    if (!refusal) throw error
    return refuse(options, io, refusal.sentence, refusal.code)
  } finally {
    stop()
  }
}

const placesOf = (
  { from, to, config }: MoveCommand,
  io: Io,
  parts: MoveParts,
): Pick<MoveOrder, 'folder' | 'address'> | { readonly why: string } => {
  if (to !== undefined && config !== undefined) return { why: ONE_OF_TWO }
  const read = parts.read({ from, to })
  for (const line of findingLines({ warnings: read.warnings })) io.err(line)
  if ('problems' in read) return { why: read.problems.map(({ key, what, fix }) => `${key}: ${what} ${fix}`).join('\n') }
  const address = config === undefined ? read.address : databaseOf(config, parts)
  if (address === null) return { why: ONE_OF_TWO }
  return 'why' in address ? address : { folder: read.folder, address }
}

const databaseOf = (config: string, { load }: MoveParts): MoveOrder['address'] | { readonly why: string } => {
  const loaded = load(config)
  if (!('config' in loaded))
    return { why: `${config} cannot be used. "support-relay check --config ${config}" shows why.` }
  return (
    loaded.config.store.postgres ?? {
      why: `${config} names no PostgreSQL as \`store\`. Write its address there, or give it with --to.`,
    }
  )
}

const ONE_OF_TWO = 'Name the database with --to, or the configuration that names it with --config: one of the two.'

const sentence = ({ outcome, from, to, pending, tables }: Moved): string => {
  const then = `Name that database as \`store\` in the configuration and start the service.`
  if (outcome === 'before') return `Everything in ${from} was moved to ${to} before; nothing was done. ${then}`
  const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0)
  return `Moved ${from} to ${to}: ${tables.tickets?.rows} tickets, ${pending} pending deliveries, ${rows} rows in all, each read back and found the same. ${then}`
}
