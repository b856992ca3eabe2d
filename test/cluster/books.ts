/** The books of a run: what clients were told and what destinations got, by what they saw alone. Moments by the monotonic clock. */
import { numberIn } from '../crash/tickets.ts'

export const DESTINATIONS = ['archive', 'audit'] as const
export type Destination = (typeof DESTINATIONS)[number]

/** One request at a destination. */
export type Receipt = { readonly at: number; answeredAt: number | null }

/** All requests that one delivery took at one destination. */
export type Passage = { readonly deliveryId: string; readonly receipts: Receipt[] }

export type Told = { readonly id: string; readonly at: number; readonly relay: number }

export class Books {
  /** Tickets thought of so far: numbers 1 to this. */
  count = 0
  /** Those answered 200, by their number: the first answer. */
  readonly told = new Map<number, Told>()
  /** When each 200 came, the repeated ones included. */
  readonly acknowledgedAt: number[] = []
  /** Answers of 503, and those among them that said the outcome is not known; connections that broke. */
  readonly turnedAway: { readonly at: number; readonly isUnknown: boolean }[] = []
  /** How long each answer took that came. */
  readonly answers: { readonly at: number; readonly ms: number; readonly relay: number }[] = []
  readonly passages: Readonly<Record<Destination, Map<number, Passage>>> = { archive: new Map(), audit: new Map() }
  readonly violations: string[] = []
  readonly seed: number
  /** The ticket that a number stands for, whoever names it first. */
  readonly #ids = new Map<number, string>()

  constructor(seed: number) {
    this.seed = seed
  }

  next(): number {
    this.count += 1
    return this.count
  }

  /** A client was told that ticket `n` is stored. */
  acknowledge(n: number, id: string, relay: number): void {
    const at = performance.now()
    this.acknowledgedAt.push(at)
    this.#identify(n, id, `relay ${relay}`)
    if (!this.told.has(n)) this.told.set(n, { id, at, relay })
  }

  /** A request came to a destination. Undefined when it shows no ticket of this run. */
  receive(destination: Destination, shown: { id: string; message: string; deliveryId: string }): Receipt | undefined {
    const n = numberIn(this.seed, shown.message)
    if (n === undefined) {
      this.violate(`${destination} got what nobody wrote: ${shown.message.slice(0, 100)}`)
      return undefined
    }
    this.#identify(n, shown.id, destination)
    const receipt: Receipt = { at: performance.now(), answeredAt: null }
    const passage = this.passages[destination].get(n)
    if (!passage) this.passages[destination].set(n, { deliveryId: shown.deliveryId, receipts: [receipt] })
    else {
      passage.receipts.push(receipt)
      if (passage.deliveryId !== shown.deliveryId)
        this.violate(`${destination} got ticket ${n} under two ids: ${passage.deliveryId} and ${shown.deliveryId}`)
    }
    return receipt
  }

  /** Whether the destination has said yes to it. */
  isDelivered(destination: Destination, n: number): boolean {
    return this.passages[destination].get(n)?.receipts.some(({ answeredAt }) => answeredAt !== null) ?? false
  }

  violate(what: string): void {
    this.violations.push(what)
  }

  #identify(n: number, id: string, by: string): void {
    const known = this.#ids.get(n) ?? id
    this.#ids.set(n, known)
    if (known !== id) this.violate(`ticket ${n} is ${known}, but ${by} says ${id}: one matter, two tickets`)
  }
}
