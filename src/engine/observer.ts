/** What the engine tells about itself. Telemetry listens; the engine does not know who does. */
import type { Attempt } from '../api/ticket.ts'
import type { AttemptResult } from '../domain/delivery.ts'
import type { ShownState } from '../domain/shown-destination.ts'

/** `reason`: why it is as it is now, a stable code; null when it is OK, or when nobody's configuration names it. */
export type StateChange = { readonly from: ShownState; readonly to: ShownState; readonly reason: string | null }

export type EngineObserver = {
  attempted(destination: string, attempt: Attempt, after: AttemptResult): void
  stateChanged(destination: string, change: StateChange): void
  clockJumped(byMs: number): void
  /** Deliveries given up because their destination was held for 30 days. */
  expired(destination: string, count: number): void
  /** A matter was announced through a destination; null when none is known to have taken it, which is tried again. */
  announced(matter: string, through: string | null): void
  /** The world or the store got in the way of `what`; it is tried again. */
  failed(what: string, destination: string | null, error: unknown): void
}
