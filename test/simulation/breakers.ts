/** Whether a destination fails, or is paused, worked out anew from what each life heard and what staff asked for; compared with what its engine
 *  says and does. What stood in the store when the life came is not known here: it is only blamed for what is certain. */
import type { Meaning } from './entries.ts'
import type { Life, Time } from './time.ts'

/** As promised, not as the product has it. */
const RETRIES_UNTIL_FAILING = 5
const PROBE_FIRST_MS = 1_000
const PROBE_MAX_MS = 300_000
/** An order of staff that nobody answered has arrived within so long a time of its process being awake, or never will. */
const ORDER_MAX_MS = 60_000

type View = {
  /** `retry` answers since the last success: so many at least, and at most. Staff may be setting them back: then nothing is certain at least. */
  atLeast: number
  atMost: number
  /** When an answer last gave cause to take it for failing, and when the first one may have, of those since it last was well. */
  causeAt: number | null
  firstCauseAt: number | null
  isFailing: boolean
  /** The delivery that is the probe under way, and how many probes have blamed the destination since it began to fail. */
  probe: string | null
  probes: number
  quietFrom: number
  quietUntil: number
  /** Since when this life has known that staff paused it. */
  pausedAt: number | null
}
type Order = { readonly state: 'PAUSED' | 'OK'; readonly askedAt: number; readonly life: Life }
type Orders = { readonly open: Set<Order>; answeredAt: number; pausedAt: number | null }

export class Breakers {
  readonly #time: Time
  readonly #blame: (what: string) => void
  /** By destination, then by life. */
  readonly #views = new Map<string, Map<Life, View>>()
  readonly #orders = new Map<string, Orders>()

  constructor(time: Time, blame: (what: string) => void) {
    this.#time = time
    this.#blame = blame
  }

  /** It got the lease: what it thinks of the destination now is what is stored. */
  taken(life: Life, destination: string, askedAt: number): void {
    this.#viewsOf(destination).set(life, newView())
    this.refreshed(life, destination, askedAt)
  }

  /** It looked at what is stored of the destination, and has the answer. */
  refreshed(life: Life, destination: string, askedAt: number): void {
    const { open, answeredAt, pausedAt } = this.#ordersOf(destination)
    const view = this.#view(life, destination)
    const certainAt = Math.max(answeredAt, ...[...open].map(arrivedBy))
    if (askedAt >= certainAt) view.atLeast = Math.max(0, view.atLeast)
    if (pausedAt !== null && askedAt >= pausedAt) view.pausedAt ??= this.#time.monotonic()
  }

  /** Staff ask for it. The function that comes back is told that they have their answer. */
  steering(life: Life, destination: string, state: Order['state']): () => void {
    const orders = this.#ordersOf(destination)
    const order = { state, askedAt: this.#time.monotonic(), life }
    orders.open.add(order)
    if (state === 'OK') orders.pausedAt = null
    for (const view of this.#viewsOf(destination).values()) {
      Object.assign(view, { ...WELL, probe: null, atLeast: Number.NEGATIVE_INFINITY })
      if (state === 'OK') view.pausedAt = null
    }
    return () => {
      const now = this.#time.monotonic()
      orders.open.delete(order)
      const isAlone = [...orders.open].every(other => other.state === 'PAUSED' || now > arrivedBy(other))
      const isLast = state === 'PAUSED' && isAlone && orders.answeredAt <= order.askedAt
      orders.answeredAt = now
      if (isLast) orders.pausedAt ??= now
    }
  }

  answered(life: Life, destination: string, id: string, meaning: Meaning): void {
    const view = this.#view(life, destination)
    const now = this.#time.monotonic()
    if (meaning === 'delivered')
      return void Object.assign(view, {
        atLeast: Math.min(0, view.atLeast),
        atMost: 0,
        isFailing: false,
        quietUntil: 0,
      })
    if (meaning === 'retry') {
      view.atLeast += 1
      view.atMost += 1
    }
    const blames = (retries: number) =>
      meaning === 'unavailable' || (meaning === 'retry' && retries >= RETRIES_UNTIL_FAILING)
    if (blames(view.atMost)) {
      view.causeAt = now
      view.firstCauseAt ??= now
    }
    const begins = !view.isFailing && view.atLeast >= 0 && blames(view.atLeast)
    const isProbe = view.isFailing && view.probe === id
    if (begins) view.probes = 0
    if (isProbe && (meaning === 'retry' || meaning === 'unavailable')) view.probes += 1
    if (begins || isProbe) {
      view.quietFrom = now
      const waitMs = Math.min(PROBE_MAX_MS, PROBE_FIRST_MS * 2 ** view.probes)
      view.quietUntil = waitMs + (begins ? (view.firstCauseAt ?? now) : now)
      view.probe = null
    }
    view.isFailing ||= begins
  }

  /** Its engine takes the destination for failing. */
  failing(life: Life, destination: string): void {
    if (this.#view(life, destination).causeAt !== this.#time.monotonic())
      this.#blame(`${life.name} takes ${destination} for failing without cause`)
  }

  /** @returns whether this can only be a probe */
  sent(life: Life, destination: string, id: string): boolean {
    const view = this.#view(life, destination)
    const now = this.#time.monotonic()
    if (view.pausedAt !== null && now > view.pausedAt) this.#blame(`${id} was sent though staff paused ${destination}`)
    if (now > view.quietFrom && now < view.quietUntil) this.#blame(`${id} was sent on to ${destination}, which fails`)
    view.probe = view.isFailing ? id : null
    return view.isFailing
  }

  #view(life: Life, destination: string): View {
    const views = this.#viewsOf(destination)
    const view = views.get(life) ?? newView()
    views.set(life, view)
    return view
  }

  #viewsOf(destination: string): Map<Life, View> {
    const views = this.#views.get(destination) ?? new Map<Life, View>()
    this.#views.set(destination, views)
    return views
  }

  #ordersOf(destination: string): Orders {
    const orders = this.#orders.get(destination) ?? { open: new Set(), answeredAt: 0, pausedAt: null }
    this.#orders.set(destination, orders)
    return orders
  }
}

/** Whoever is frozen has its orders carried out when it wakes up. */
const arrivedBy = ({ askedAt, life }: Order): number => Math.max(askedAt, life.frozenUntil) + ORDER_MAX_MS

const WELL = { isFailing: false, firstCauseAt: null, quietUntil: 0 }

const newView = (): View => ({
  atLeast: Number.NEGATIVE_INFINITY,
  atMost: Number.POSITIVE_INFINITY,
  causeAt: null,
  firstCauseAt: null,
  isFailing: false,
  probe: null,
  probes: 0,
  quietFrom: 0,
  quietUntil: 0,
  pausedAt: null,
})
