/** A destination as people see it, in `browseDestinations`, the metrics and the log: what is stored, and whether anybody's configuration names it. */
import type { DestinationHealth } from './destination-health.ts'
import type { StoredDestination } from './store.ts'

export type ShownState = DestinationHealth['state'] | 'NOT_CONFIGURED'

export type ShownDestination = {
  readonly state: ShownState
  /** Why it is not OK: a stable code. */
  readonly reason: string | null
  /** When it is tried again, while it is held; milliseconds since 1970. */
  readonly nextAttemptAt: number | null
}

/** @param configured the names in this process's configuration */
export const isConfigured = ({ name, isNamedElsewhere }: StoredDestination, configured: ReadonlySet<string>): boolean =>
  isNamedElsewhere || configured.has(name)

/** One that no configuration names is of interest while anything is left there. @param configured as above */
export const isShown = (stored: StoredDestination, configured: ReadonlySet<string>): boolean =>
  isConfigured(stored, configured) || stored.pending + stored.dead > 0

/** @param configured the names in this process's configuration */
export const shownDestination = (
  stored: StoredDestination,
  configured: ReadonlySet<string>,
  now: number,
): ShownDestination => {
  // What it was before holds again when it comes back; until then nothing is tried.
  if (!isConfigured(stored, configured)) return { state: 'NOT_CONFIGURED', reason: null, nextAttemptAt: null }
  const { state, reason, heldUntil, probeAt } = stored.health
  const held = heldUntil !== null && heldUntil > now ? heldUntil : null
  const probe = state === 'FAILING' ? Math.max(held ?? 0, probeAt ?? now) : held
  return { state, reason, nextAttemptAt: state === 'PAUSED' ? null : probe }
}
