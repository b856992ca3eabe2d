/** The books of a run: what clients were told, what receivers saw, and when the service was killed. They know nothing of the service but that. */
import { numberIn, RECEIVERS, type ReceiverName, ticketOf } from './tickets.ts'

/** As promised: a success is recorded within this time. */
export const RECORDED_WITHIN_MS = 1_000

/** One life of the service: from one exec to the kill. Moments by the monotonic clock. */
export type Life = {
  readonly nth: number
  readonly executedAt: number
  /** Something stored had never been sent anywhere when this life began. */
  readonly hadWork: boolean
  killedAt: number
  /** How long the machine kept it waiting for a processor (starvation.ts). */
  waitedMs: number
  listenedAt: number | null
  firstRequestAt: number | null
}

/** One request at a receiver. */
export type Receipt = {
  readonly life: Life
  /** When it was answered with a success; null before that, and for ever when it was refused or cut off. */
  deliveredAt: number | null
  isRefused: boolean
}

/** What one receiver saw of one ticket. */
export type Passage = { readonly webhookId: string | null; readonly receipts: Receipt[] }

/** Who a ticket is. Whoever names it first (an answer, a receiver, the store), all others must agree. */
type Identity = { id: string | null; reference: string | null }

export type Shown = {
  readonly id: string | null
  readonly reference: string | null
  readonly message: string
  readonly webhookId: string | null
}

export class Books {
  readonly violations: string[] = []
  readonly lives: Life[] = []
  /** Those answered 200. */
  readonly acknowledged = new Set<number>()
  readonly passages = new Map<ReceiverName, Map<number, Passage>>(RECEIVERS.map(({ name }) => [name, new Map()]))
  readonly #seed: number
  readonly #identities = new Map<number, Identity>()
  readonly #webhookIds = new Map<string, number>()
  /** Deliveries of acknowledged tickets that no receiver has confirmed yet, and those that none has even seen. */
  readonly #open = new Set<string>()
  readonly #unseen = new Set<string>()

  constructor(seed: number) {
    this.#seed = seed
  }

  get openCount(): number {
    return this.#open.size
  }

  begin(executedAt: number): Life {
    const nth = this.lives.length + 1
    const life = {
      nth,
      executedAt,
      hadWork: this.#unseen.size > 0,
      killedAt: Number.POSITIVE_INFINITY,
      waitedMs: 0,
      listenedAt: null,
      firstRequestAt: null,
    }
    this.lives.push(life)
    return life
  }

  /** A client was told that ticket `n` is stored. */
  acknowledge(n: number, told: { id: string | null; reference: string | null }): void {
    if (told.id === null || told.reference === null)
      this.violate(`ticket ${n} was answered 200 without id or reference`)
    this.identify(n, told, 'an answer')
    if (this.acknowledged.has(n)) return
    this.acknowledged.add(n)
    for (const name of ticketOf(this.#seed, n).destinations) {
      const receipts = this.passages.get(name)?.get(n)?.receipts ?? []
      if (receipts.length === 0) this.#unseen.add(`${name} ${n}`)
      if (!receipts.some(({ deliveredAt }) => deliveredAt !== null)) this.#open.add(`${name} ${n}`)
    }
  }

  /** A request came in. Undefined when it shows no ticket of this run. */
  receive(
    name: ReceiverName,
    life: Life,
    at: number,
    shown: Shown,
  ): { readonly n: number; readonly receipt: Receipt } | undefined {
    life.firstRequestAt ??= at
    const n = numberIn(this.#seed, shown.message)
    if (n === undefined) {
      this.violate(`${name} received something that nobody wrote: ${shown.message.slice(0, 100)}`)
      return undefined
    }
    this.identify(n, shown, name)
    const receipt: Receipt = { life, deliveredAt: null, isRefused: false }
    const passage = this.passages.get(name)?.get(n)
    if (passage) {
      passage.receipts.push(receipt)
      if (passage.webhookId !== shown.webhookId)
        this.violate(`ticket ${n} came to ${name} again under another webhook-id`)
    } else this.passages.get(name)?.set(n, { webhookId: shown.webhookId, receipts: [receipt] })
    if (shown.webhookId !== null) {
      const owner = this.#webhookIds.get(`${name} ${shown.webhookId}`) ?? n
      if (owner !== n) this.violate(`tickets ${owner} and ${n} came to ${name} under one webhook-id`)
      this.#webhookIds.set(`${name} ${shown.webhookId}`, n)
    }
    this.#unseen.delete(`${name} ${n}`)
    return { n, receipt }
  }

  /** The receiver has said yes. */
  confirm(name: ReceiverName, n: number, receipt: Receipt, at: number): void {
    receipt.deliveredAt = at
    this.#open.delete(`${name} ${n}`)
  }

  identify(n: number, named: { id: string | null; reference: string | null }, by: string): void {
    const known = this.#identities.get(n)
    if (!known) {
      this.#identities.set(n, { id: named.id, reference: named.reference })
      return
    }
    for (const key of ['id', 'reference'] as const) {
      known[key] ??= named[key]
      if (named[key] !== null && known[key] !== named[key])
        this.violate(`ticket ${n} is ${known[key]}, but ${by} says ${named[key]}`)
    }
  }

  violate(what: string): void {
    this.violations.push(what)
  }
}
