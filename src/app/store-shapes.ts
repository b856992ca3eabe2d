/** What the service needs of a store beside its contract, and what a store is opened with. */
import type { Clock, Random } from '../domain/clock.ts'
import type { Finding } from '../domain/finding.ts'
import type { Store } from '../domain/store.ts'
import type { Announced } from '../store/sqlite/folder.ts'

export type ServiceStore = Store & {
  /** Whether more tickets wait than can be stored soon, so that the next would be refused. */
  isCrowded(): boolean
  /** How tickets come and go at the moment. */
  flow(): { readonly answered: number; readonly isBehind: boolean }
  /** Notes where the service listens, for whoever finds its folder taken. */
  announce(service: Announced): void
  /** Calls back when another process stored something for these destinations; with null when anything may have happened. */
  onPending(listener: (destinations: readonly string[] | null) => void): void
}

export type StoreOptions = {
  readonly clock: Clock
  readonly random: Random
  readonly onFatal: (error: Error) => void
  /** Called for each thing that the database could be safer in. */
  readonly onWarning?: (finding: Finding) => void
  /** Called before each change of the schema. */
  readonly onStep?: (step: { readonly name: string }) => void
}
