/** What the engine tells about itself. Telemetry listens; the engine does not know who does. */
import type { Attempt } from '../api/ticket.ts'
import type { AttemptResult } from '../domain/delivery.ts'
import type { DestinationHealth } from '../domain/destination-health.ts'

export type EngineObserver = {
  attempted(destination: string, attempt: Attempt, after: AttemptResult): void
  stateChanged(destination: string, before: DestinationHealth, after: DestinationHealth): void
  clockJumped(byMs: number): void
  /** Deliveries given up because their destination was held for 30 days. */
  expired(destination: string, count: number): void
  /** A matter was announced through a destination; null when none works that could tell it, which is tried again. */
  announced(matter: string, through: string | null): void
  /** The world or the store got in the way of `what`; it is tried again. */
  failed(what: string, destination: string | null, error: unknown): void
}
