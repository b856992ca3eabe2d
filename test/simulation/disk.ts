/** What the world asks of the store's ground, whatever that is: what outlives every process, and how a process reaches it. */
import type { DeliveryState } from '../../src/api/ticket.ts'
import type { DeliveryKey } from '../../src/domain/delivery.ts'
import type { AcceptResult, AddedEvent, Lease, Settlement, SettleResult, Store } from '../../src/domain/store.ts'
import type { NewTicket } from '../../src/domain/ticket.ts'
import type { Chance } from './chance.ts'
import type { Lessor } from './entries.ts'
import type { Life, Time } from './time.ts'

/** How the disk, or the way to the database, behaves until further notice. */
export type Weather = {
  stallMs: number
  failing: number
  /** Nothing of it can be reached: only a database can be away. */
  isAway: boolean
}

/** Told at the moment of the commit, whether or not whoever asked for it ever hears of it. */
export type Recorded = {
  accepted(ticket: Pick<NewTicket, 'id' | 'destinations' | 'message'>, result: AcceptResult): void
  settled(settlement: Pick<Settlement, 'progress' | 'state' | 'reason'>, result: Pick<SettleResult, 'outcome'>): void
  leased(leases: readonly Pick<Lease, 'destination' | 'health'>[]): void
  replayed(keys: readonly DeliveryKey[], from: DeliveryState): void
  added(event: AddedEvent): void
  /** Given up because its destination was held for too long. */
  expired(key: DeliveryKey): void
  resumed(destination: string): void
  /** The lease of this engine ran out, and another was taken. */
  lapsed(destination: string, engine: string): void
  blame(what: string): void
}

export type Disk = {
  /** More than one process may live on it: then a frozen one wakes up among others. */
  readonly isShared: boolean
  readonly canBeAway: boolean
  /** What rare trouble there was so far. */
  readonly met: ReadonlySet<string>
  readonly referenceKey: Uint8Array
  readonly holderOf: Lessor
  nextId(): string
  /** The store as this life reaches it, once it does. */
  open(life: Life, recorded: Recorded): Promise<Store>
  /** The life has ended; what it had under way may still arrive. */
  ended(life: Life): void
  /** The weather changed. */
  changed(): void
  /** What is stored of each destination. */
  counts(): Promise<readonly { readonly name: string; readonly pending: number; readonly dead: number }[]>
  /** Where this event of a ticket is stored to go. */
  placesOf(ticketNumber: number, eventNumber: number): readonly string[]
  close(): Promise<void>
}

/** Makes the disk of a history. */
export type OpenDisk = (deps: {
  readonly chance: Chance
  readonly time: Time
  readonly weather: Weather
  /** Where a ticket that was written is to go. */
  readonly wanted: ReadonlyMap<string, readonly string[]>
}) => Disk

/** On what histories are played: what they are like, from how much to how much, each included. */
export type Ground = {
  readonly minutes: readonly [from: number, to: number]
  readonly happenings: readonly [from: number, to: number]
  /** Each so manieth seed is a history of weeks; none is where they would take too long. */
  readonly longEvery: number | null
  prepare(): Promise<OpenDisk>
}
