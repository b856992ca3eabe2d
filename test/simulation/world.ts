/** A service with its destinations and its disk, and the hands that act on it: writers, staff, and whoever pulls the plug. */
import type { DeliveryState } from '../../src/api/ticket.ts'
import { type DeliveryKey, deliveryId } from '../../src/domain/delivery.ts'
import type { Destination } from '../../src/domain/destination.ts'
import { referenceCode } from '../../src/domain/reference.ts'
import type { AddedEvent, Lease, Settlement, Store } from '../../src/domain/store.ts'
import type { NewTicket } from '../../src/domain/ticket.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { sqliteWrites } from '../../src/store/sqlite/core.ts'
import { ticket } from '../contracts/store/arrange.ts'
import { Books } from './books.ts'
import { type Chance, chanceFrom } from './chance.ts'
import { BITTER, destinationsFor, Network, POISON } from './network.ts'
import { type Disk, openDisk, storeOf, type Weather } from './store.ts'
import { type Life, Time } from './time.ts'

/** How long an engine lets end what is under way when it stops. */
const DRAIN_MS = 8_000

type Process = { readonly life: Life; readonly store: Store; readonly engine: Engine }
type Known = { readonly id: string; readonly to: readonly string[]; readonly isPoison: boolean }

export class World {
  readonly chance: Chance
  readonly time = new Time()
  readonly destinations: readonly Destination[]
  readonly books: Books
  readonly network: Network
  readonly disk: Disk
  readonly weather: Weather = { stallMs: 0, failing: 0 }
  /** More than one process only as where a database is shared: then a frozen one wakes up among others. */
  readonly isShared: boolean
  readonly tickets = new Map<number, Known>()
  crashes = 0
  /** No process is started anew later than this, by the monotonic clock. */
  lastStartAt = 0
  #processes: Process[] = []
  #lives = 0

  constructor(seed: number) {
    this.chance = chanceFrom(seed)
    this.destinations = destinationsFor(this.chance)
    this.books = new Books(this.time, this.destinations)
    this.network = new Network(this.time, this.chance, this.books)
    this.disk = openDisk(this.chance, this.time)
    this.books.lessor = this.disk.holderOf
    this.isShared = this.chance.is(0.25)
    this.#processes = Array.from({ length: this.isShared ? 2 : 1 }, () => this.#start())
  }

  get names(): readonly string[] {
    return this.destinations.map(({ name }) => name)
  }

  /** A process that lives, if the one that chance picks does. */
  someone(): Process | undefined {
    const process = this.chance.pick(this.#processes)
    return process.life.isDead ? undefined : process
  }

  #start(): Process {
    this.#lives += 1
    const life: Life = { name: `life-${this.#lives}`, isDead: false, frozenUntil: 0 }
    const { time, chance, weather, disk, books } = this
    const store = storeOf(disk, life, { time, chance, weather, recorded: this.#recorderOf(life) })
    // One process owns a folder of its own: a start frees whatever was left leased.
    if (!this.isShared) sqliteWrites(disk.db, () => time.monotonic(), disk.leases).freeAllLeases()
    const engine = createEngine({
      id: life.name,
      destinations: this.destinations,
      store,
      transport: this.network.transportOf(life),
      clock: time.clockOf(life),
      random: chance,
      references: referenceCode(disk.keys.reference),
      ticketUrl: () => null,
      observer: {
        attempted() {},
        stateChanged: (destination, _before, after) => books.stateChanged(life, destination, after.state),
        clockJumped() {},
        expired() {},
        announced() {},
        failed() {},
      },
      onRenderError: (_destination, error) => books.blame(`a message could not be rendered: ${error}`),
    })
    void engine.start()
    return { life, store, engine }
  }

  /** What the disk has taken, told to the books at the moment of the commit. */
  #recorderOf(life: Life) {
    return {
      accepted: (given: NewTicket, result: { outcome: string; number?: number }) => {
        if (result.outcome !== 'accepted' || result.number === undefined || this.tickets.has(result.number)) return
        const { id, destinations: to, message } = given
        this.tickets.set(result.number, { id, to, isPoison: message.includes(POISON) })
        this.#eventCommitted(result.number, 1, to)
      },
      added: ({ ticketNumber, eventNumber, destinations }: AddedEvent) =>
        this.#eventCommitted(ticketNumber, eventNumber, destinations),
      leased: (leases: readonly Lease[]) => {
        for (const { destination, health } of leases) this.books.stateChanged(life, destination, health.state)
      },
      replayed: (keys: readonly DeliveryKey[], from: DeliveryState) => {
        for (const key of keys) this.books.replayed(deliveryId(this.tickets.get(key.ticketNumber)?.id ?? '', key), from)
      },
      settled: (settlement: Settlement, result: { outcome: string }) => {
        const id = this.tickets.get(settlement.progress.ticketNumber)?.id ?? ''
        if (result.outcome === 'settled') this.books.settled(life, settlement, deliveryId(id, settlement.progress))
      },
    }
  }

  #eventCommitted(ticketNumber: number, eventNumber: number, to: readonly string[]): void {
    const known = this.tickets.get(ticketNumber)
    if (!known) return
    for (const destination of to) {
      const id = deliveryId(known.id, { eventNumber, destination })
      const isPoison = known.isPoison && eventNumber === 1
      this.books.committed({ id, destination, ticketNumber, eventNumber, isPoison })
    }
  }

  /** A user writes; that the ticket is whole is looked at the moment it is acknowledged. */
  write(): void {
    const process = this.someone()
    if (!process) return
    const { chance } = this
    const to = this.names.filter(() => chance.is(0.7))
    const message = chance.is(0.05) ? POISON : chance.is(0.05) ? BITTER : 'It broke.'
    const given = { id: this.disk.nextId(), createdAt: this.time.now(), message, destinations: to, limitPerHour: 1e9 }
    void process.store.accept(ticket(given)).then(
      result => {
        if (result.outcome === 'accepted') this.#acknowledged(result.number, to)
        else this.books.blame(`refused: ${result.outcome}`)
        process.engine.nudge(to)
      },
      () => {}, // the user is told so; it may have been stored all the same
    )
  }

  #acknowledged(number: number, to: readonly string[]): void {
    const stored = this.disk.reads.deliveries({ ticketNumber: number })
    const places = stored
      .filter(({ progress }) => progress.eventNumber === 1)
      .map(({ progress }) => progress.destination)
    if (places.join() !== to.join()) this.books.blame(`ticket ${number} was acknowledged without all its deliveries`)
  }

  /** Staff or the user write to one of the newest tickets, or staff leave a note. */
  async comment(): Promise<void> {
    const process = this.someone()
    const numbers = [...this.tickets.keys()].slice(-20)
    if (!process || numbers.length === 0) return
    const { chance } = this
    const by = { username: 'someone', name: null, staff: chance.is(0.5) }
    const item = {
      ticketNumber: chance.pick(numbers),
      message: 'We look at it.',
      internal: by.staff && chance.is(0.2),
      status: null,
    }
    const order = { id: this.disk.nextId(), act: 'comment', by, at: this.time.now(), items: [item] } as const
    await process.store.addEvents(order).then(
      added => process.engine.nudge(added?.[0]?.destinations ?? []),
      () => {}, // they are told so; it may have been stored all the same
    )
  }

  async steer(destination: string, state: 'PAUSED' | 'OK'): Promise<void> {
    const process = this.someone()
    if (!process) return
    await process.store
      .steer({ destination, state, reason: state === 'OK' ? null : 'paused-by-staff', now: this.time.now() })
      .catch(() => {})
    if (state === 'OK') this.books.resumed(destination)
    for (const { engine, life } of this.#processes) if (!life.isDead) void engine.refresh()
  }

  /** Staff replay what was given up there, or now and then what was delivered. */
  async replay(destination: string): Promise<void> {
    const process = this.someone()
    if (!process) return
    const state = this.chance.is(0.8) ? 'DEAD' : 'DELIVERED'
    const filter = { ticketNumber: null, destination, state, reason: null, from: null, to: null } as const
    const order = {
      state,
      to: null,
      now: this.time.now(),
      isDryRun: false,
      id: 'replay',
      by: 'staff',
      detail: '',
    } as const
    try {
      const { keys } = await process.store.deliveryKeys({ filter, after: null, limit: 20 })
      await process.store.replay({ ...order, keys: keys.slice(-20) })
    } catch {
      // Staff are told, and what was not replayed stays as it was.
    }
    for (const { engine, life } of this.#processes) if (!life.isDead) engine.nudge([destination])
  }

  /** Kill -9; another process takes its place `afterMs` later. */
  kill(life: Life, afterMs: number): void {
    if (life.isDead) return
    this.crashes += 1
    this.#end(life)
    this.lastStartAt = Math.max(this.lastStartAt, this.time.monotonic() + afterMs)
    this.time.after(afterMs, () => this.#replace(life))
  }

  async stop({ engine, life }: Process): Promise<void> {
    const asked = this.time.monotonic()
    await engine.stop()
    if (life.isDead) return
    // What takes longer is cut off, and may be repeated.
    if (this.time.monotonic() - asked < DRAIN_MS && life.frozenUntil < asked) this.books.stopped(life)
    this.#end(life)
    this.#replace(life)
  }

  freeze(life: Life, ms: number): void {
    life.frozenUntil = this.time.monotonic() + ms
    this.books.ended(life)
  }

  close(): void {
    for (const { life } of this.#processes) life.isDead = true
    this.disk.db.close()
  }

  #end(life: Life): void {
    life.isDead = true
    this.books.ended(life)
  }

  #replace(life: Life): void {
    this.#processes = this.#processes.map(other => (other.life === life ? this.#start() : other))
  }
}
