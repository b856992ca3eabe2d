/** `support-relay migrate`: the schema of the database that the configuration names, brought to what this version needs. */
import type { SchemaStep } from '../app.ts'
import { EXIT_OK, EXIT_WRONG, type Io, refuse } from './io.ts'
import { table } from './table.ts'

export type MigrateOptions = {
  readonly plan?: boolean | undefined
  readonly grantTo?: string | undefined
  readonly json?: boolean | undefined
}

export type MigrateParts<Address> = {
  /** Null: the tickets are in a folder. */
  readonly load: () => { readonly address: Address | null } | { readonly why: string; readonly code: number }
  readonly plan: (address: Address) => Promise<readonly SchemaStep[]>
  readonly apply: (address: Address, onStep: (step: SchemaStep) => void) => Promise<readonly SchemaStep[]>
  readonly grantsTo: (role: string) => readonly string[]
  /** The exit code that an error stands for, with the sentence to show; undefined for a mistake of ours. */
  readonly refusal: (error: unknown) => { readonly code: number; readonly sentence: string } | undefined
  /** Says now and then that work goes on, until what comes back is called. */
  readonly progress: () => () => void
}

/** Exit code 0, 2 where there is no database to migrate, or 3 where it cannot be. What `grantTo` asks for is alone on `out`, for psql to run; with
 *  `json` everything is one document there. */
export const migrate = async <Address>(
  { plan = false, grantTo, json = false }: MigrateOptions,
  io: Io,
  parts: MigrateParts<Address>,
): Promise<number> => {
  const loaded = parts.load()
  if ('why' in loaded) return refuse({ json }, io, loaded.why, loaded.code)
  if (loaded.address === null) return refuse({ json }, io, IN_FOLDER, EXIT_WRONG)
  const grants = grantTo === undefined ? [] : parts.grantsTo(grantTo)
  const tell = grantTo === undefined ? io.out : io.err
  const stop = parts.progress()
  try {
    const steps = plan
      ? await parts.plan(loaded.address)
      : await parts.apply(loaded.address, ({ name }) => json || io.err(`Applying ${name}`))
    if (json) io.out(JSON.stringify({ [plan ? 'pending' : 'applied']: steps, grants }, null, 2))
    else {
      for (const line of lines(steps, plan)) tell(line)
      for (const grant of grants) io.out(grant)
    }
    return EXIT_OK
  } catch (error) {
    const refusal = parts.refusal(error)
    if (!refusal) throw error
    return refuse({ json }, io, refusal.sentence, refusal.code)
  } finally {
    stop()
  }
}

const IN_FOLDER =
  'The tickets are in a folder, which each start of the service brings to its version by itself: there is nothing to migrate.'

const lines = (steps: readonly SchemaStep[], isPlan: boolean): readonly string[] => {
  if (steps.length === 0) return ['The schema is of this version: there is nothing to apply.']
  const count = steps.length === 1 ? 'one step' : `${steps.length} steps`
  return [
    isPlan ? `${count} would be applied; nothing was changed.` : `Applied ${count}.`,
    ...table(steps.map(({ version, name, title }) => [`${version}`, name, title])),
  ]
}
