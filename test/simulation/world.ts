/** A service with its destinations and its disk, and the hands that act on it: writers, staff, and whoever pulls the plug. */
import { deliveryId } from '../../src/domain/delivery.ts'
import type { Destination } from '../../src/domain/destination.ts'
import { referenceCode } from '../../src/domain/reference.ts'
import { type AddedEvent, type Store, StoreUnavailable } from '../../src/domain/store.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { ticket } from '../contracts/store/arrange.ts'
import { Books } from './books.ts'
import { type Chance, chanceFrom } from './chance.ts'
import type { Disk, OpenDisk, Recorded, Weather } from './disk.ts'
import { BITTER, destinationsFor, Network, POISON } from './network.ts'
import { type Life, Time } from './time.ts'
import { watched } from './watched.ts'

/** How long an engine lets end what is under way when it stops. */
const DRAIN_MS = 8_000

type Process = { readonly life: Life; readonly store: Store; readonly engine: Engine }
/** Where a process is, or is about to be. */
type Place = { readonly life: Life; process: Process | undefined }
type Known = { readonly id: string; readonly to: readonly string[]; readonly isPoison: boolean }

export class World {
  readonly chance: Chance
  readonly time = new Time()
  readonly destinations: readonly Destination[]
  readonly books: Books
  readonly network: Network
  readonly disk: Disk
  readonly weather: Weather = { stallMs: 0, failing: 0, isAway: false }
  readonly tickets = new Map<number, Known>()
  readonly #committed = new Set<string>()
  /** Whoever sent them was told that nothing was written. */
  readonly #refused = new Set<string>()
  readonly #wanted = new Map<string, readonly string[]>()
  crashes = 0
  /** No process is started anew later than this, by the monotonic clock. */
  lastStartAt = 0
  #places: Place[] = []
  #lives = 0

  constructor(seed: number, openDisk: OpenDisk) {
    this.chance = chanceFrom(seed)
    this.destinations = destinationsFor(this.chance)
    this.books = new Books(this.time, this.destinations)
    this.network = new Network(this.time, this.chance, this.books)
    this.disk = openDisk({ chance: this.chance, time: this.time, weather: this.weather, wanted: this.#wanted })
    this.books.lessor = this.disk.holderOf
    this.#places = Array.from({ length: this.disk.isShared ? 2 : 1 }, () => this.#start())
  }

  get names(): readonly string[] {
    return this.destinations.map(({ name }) => name)
  }

  get #processes(): readonly Process[] {
    return this.#places.flatMap(({ life, process }) => (process && !life.isDead ? [process] : []))
  }

  /** A process that lives, if the one that chance picks does. */
  someone(): Process | undefined {
    const { life, process } = this.chance.pick(this.#places)
    return life.isDead ? undefined : process
  }

  #start(): Place {
    this.#lives += 1
    const life: Life = { name: `life-${this.#lives}`, isDead: false, frozenUntil: 0 }
    const place: Place = { life, process: undefined }
    void this.disk.open(life, this.#recorderOf(life)).then(store => {
      if (!life.isDead) place.process = this.#begin(life, store)
    })
    return place
  }

  #begin(life: Life, store: Store): Process {
    const { time, chance, disk, books } = this
    const engine = createEngine({
      id: life.name,
      destinations: this.destinations,
      store: watched(store, life, this),
      transport: this.network.transportOf(life),
      clock: time.clockOf(life),
      random: chance,
      references: referenceCode(disk.referenceKey),
      ticketUrl: () => null,
      observer: {
        attempted() {},
        stateChanged: (destination, { to }) => {
          books.stateChanged(life, destination, to)
          if (to === 'FAILING') books.breakers.failing(life, destination)
        },
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
  #recorderOf(life: Life): Recorded {
    const { books } = this
    const idOf = (ticketNumber: number) => this.tickets.get(ticketNumber)?.id ?? ''
    return {
      accepted: ({ id, destinations: to, message }, result) => {
        if (result.outcome !== 'accepted' || this.tickets.has(result.number)) return
        this.#committed.add(id)
        if (this.#refused.has(id))
          books.blame(`ticket ${result.number} was stored after its writer was told that it was not`)
        this.tickets.set(result.number, { id, to, isPoison: message.includes(POISON) })
        this.#eventCommitted(result.number, 1, to)
      },
      added: ({ ticketNumber, eventNumber, destinations }) =>
        this.#eventCommitted(ticketNumber, eventNumber, destinations),
      leased: leases => {
        for (const { destination, health } of leases) books.stateChanged(life, destination, health.state)
      },
      replayed: (keys, from) => {
        for (const key of keys) books.replayed(deliveryId(idOf(key.ticketNumber), key), from)
      },
      settled: (settlement, { outcome }) => {
        const { progress } = settlement
        if (outcome === 'settled') books.settled(life, settlement, deliveryId(idOf(progress.ticketNumber), progress))
      },
      expired: key => books.expired(deliveryId(idOf(key.ticketNumber), key)),
      resumed: destination => books.resumed(destination),
      lapsed: (destination, engine) => books.lapsed(destination, engine),
      blame: what => books.blame(what),
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
  write(text?: string, places?: readonly string[]): void {
    const process = this.someone()
    if (!process) return
    const { chance } = this
    const to = places ?? this.names.filter(() => chance.is(0.7))
    const message = text ?? (chance.is(0.05) ? POISON : chance.is(0.05) ? BITTER : 'It broke.')
    const given = { id: this.disk.nextId(), createdAt: this.time.now(), message, destinations: to, limitPerHour: 1e9 }
    this.#wanted.set(given.id, to)
    void process.store.accept(ticket(given)).then(
      result => {
        if (result.outcome === 'accepted') this.#acknowledged(result.number, to)
        else this.books.blame(`refused: ${result.outcome}`)
        process.engine.nudge(to)
        this.#hint(process, to)
      },
      error => this.#denied(given.id, error),
    )
  }

  /** The user is told so; only when the outcome is not known it may have been stored all the same. */
  #denied(id: string, error: unknown): void {
    if (error instanceof StoreUnavailable && error.outcome === 'unknown') return
    this.#refused.add(id)
    if (this.#committed.has(id)) this.books.blame(`the writer of ticket ${id} was told that it was not stored`)
  }

  /** Whoever else lives hears of it a little later, if at all. */
  #hint(by: Process, destinations: readonly string[]): void {
    for (const { engine, life } of this.#processes)
      if (life !== by.life && this.chance.is(0.7))
        this.time.after(this.chance.below(10), () => engine.nudge(destinations), life)
  }

  #acknowledged(number: number, to: readonly string[]): void {
    const places = this.disk.placesOf(number, 1)
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
    const wanted = item.internal ? [] : (this.tickets.get(item.ticketNumber)?.to ?? [])
    await process.store.addEvents(order).then(
      added => {
        this.#commented(added?.[0], wanted)
        process.engine.nudge(wanted)
      },
      () => {}, // they are told so; it may have been stored all the same
    )
  }

  /** A reply goes wherever its ticket went, a note nowhere. */
  #commented(added: AddedEvent | undefined, wanted: readonly string[]): void {
    const { ticketNumber, eventNumber } = added ?? { ticketNumber: 0, eventNumber: 0 }
    const places = this.disk.placesOf(ticketNumber, eventNumber)
    const told = [...(added?.destinations ?? [])].sort().join()
    if (places.join() !== wanted.join() || told !== wanted.join())
      this.books.blame(`event ${eventNumber} of ticket ${ticketNumber} goes to ${places} (told ${told}), not ${wanted}`)
  }

  async steer(destination: string, state: 'PAUSED' | 'OK'): Promise<void> {
    const process = this.someone()
    if (!process) return
    const answered = this.books.breakers.steering(process.life, destination, state)
    await process.store
      .steer({ destination, state, reason: state === 'OK' ? null : 'paused-by-staff', now: this.time.now() })
      .then(health => {
        if (health) answered()
      })
      .catch(() => {})
    if (state === 'OK') this.books.resumed(destination)
    for (const { engine } of this.#processes) void engine.refresh()
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
    for (const { engine } of this.#processes) engine.nudge([destination])
  }

  /** Kill -9; another process takes its place `afterMs` later. */
  kill(life: Life, afterMs: number): void {
    if (life.isDead) return
    this.crashes += 1
    this.#end(life)
    this.lastStartAt = Math.max(this.lastStartAt, this.time.monotonic() + afterMs)
    this.time.after(afterMs, () => this.#replace(life))
  }

  killAll(afterMs: number): void {
    for (const { life } of this.#places) this.kill(life, afterMs)
  }

  async stop({ engine, life, store }: Process): Promise<void> {
    const asked = this.time.monotonic()
    await engine.stop()
    if (life.isDead) return
    // What takes longer is cut off, and may be repeated.
    if (this.time.monotonic() - asked < DRAIN_MS && life.frozenUntil < asked) this.books.stopped(life)
    await store.close()
    if (life.isDead) return
    this.#end(life)
    this.#replace(life)
  }

  freeze(life: Life, ms: number): void {
    life.frozenUntil = this.time.monotonic() + ms
    this.books.ended(life)
  }

  async close(): Promise<void> {
    for (const { life } of this.#places) life.isDead = true
    await this.disk.close()
  }

  #end(life: Life): void {
    life.isDead = true
    this.books.ended(life)
    this.disk.ended(life)
  }

  #replace(life: Life): void {
    this.#places = this.#places.map(other => (other.life === life ? this.#start() : other))
  }
}
