/** Serves one destination while its lease is ours: reads what is due, sends as pace and health allow, settles.
 *
 *  Taking work is a read, so two rules keep it safe: a delivery that was settled is remembered until a read that began before its
 *  commit has come back (else it would be sent twice), and after a read one looks again if anything was nudged meanwhile
 *  (else it would be late). */
import type { Clock, Random } from '../domain/clock.ts'
import { afterAttempt, type DeliveryProgress } from '../domain/delivery.ts'
import type { Destination, Notice } from '../domain/destination.ts'
import { type DestinationHealth, healthAfter } from '../domain/destination-health.ts'
import type { Lease, Store } from '../domain/store.ts'
import { type AttemptDeps, type Attempted, runAttempt } from './attempt.ts'
import { type Due, NOTHING_DUE, readDue } from './due.ts'
import { Gate } from './gate.ts'
import { Notices, sendNotice, type Told } from './notices.ts'
import type { EngineObserver } from './observer.ts'
import { Recorder } from './settle.ts'
import type { Standing } from './standing.ts'

export type LaneDeps = AttemptDeps & {
  readonly store: Pick<Store, 'outgoing' | 'due' | 'probe' | 'settle' | 'noteHealth'>
  readonly clock: Clock
  readonly random: Random
  readonly observer: EngineObserver
  /** Looks whether the wall clock jumped, and if so moves along what is kept by it. */
  readonly followClock: () => void
}

export class Lane {
  readonly destination: Destination
  readonly #deps: LaneDeps
  readonly #gate: Gate
  readonly #standing: Standing
  readonly #notices: Notices
  readonly #recorder: Recorder
  readonly #inFlight = new Map<string, Promise<unknown>>()
  /** Settled while a read was under way: that read may still show them as due. */
  readonly #justSettled = new Set<string>()
  readonly #abort = new AbortController()
  readonly epoch: number
  readonly #servedSince: number
  #isReading = false
  #isNudged = false
  #isPumpDue = false
  #cancelWake: () => void = () => {}

  constructor(destination: Destination, lease: Lease, leaseUntil: number, standing: Standing, deps: LaneDeps) {
    this.destination = destination
    this.#deps = deps
    this.epoch = lease.epoch
    this.#servedSince = deps.clock.now()
    this.#standing = standing
    this.#notices = new Notices(deps.clock)
    this.#recorder = new Recorder(deps, this.#abort.signal)
    standing.take(lease.health)
    const isRecordingOverdue = () => this.#recorder.isOverdue
    this.#gate = new Gate(lease, leaseUntil, { destination, standing, clock: deps.clock, isRecordingOverdue })
  }

  get name(): string {
    return this.destination.name
  }

  get health(): DestinationHealth {
    return this.#standing.health
  }

  get lastSentAt(): number | null {
    return this.#gate.lastSentAt
  }

  renewed(lease: Lease, leaseUntil: number): void {
    this.#gate.renew(leaseUntil)
    this.#standing.adopt(lease.health)
    this.pump()
  }

  /** Something may be due: look. Safe to call at any time, from anywhere. */
  pump(): void {
    if (this.#isReading) {
      this.#isNudged = true
      return
    }
    this.#cancelWake()
    if (this.#notices.hasTest && this.#room(true) > 0) this.#startNotice('support.test')
    if (this.#room() > 0) this.#startNotice('support.alert')
    const room = this.#room()
    if (room > 0) void this.#take(room)
    const waitMs = Math.max(-room, this.#notices.hasTest ? -this.#room(true) : 0)
    if (room <= 0 && waitMs > 0) this.#wakeIn(waitMs)
  }

  /** Sends words of our own, as pace and health allow, before what is due: where it fails as the probe; a test also where it is paused. Undefined when
   *  its turn did not come. */
  async tell(notice: Notice): Promise<Told | undefined> {
    const { health, heldUntil, probeAt } = this.#standing
    const isTest = notice.type === 'support.test'
    const waitsUntil = isTest || health.state !== 'FAILING' ? heldUntil : Math.max(heldUntil, probeAt)
    // Whoever tests wants to know now, and for what is announced there are others.
    if (waitsUntil > this.#deps.clock.monotonic() || (health.state === 'PAUSED' && !isTest)) return undefined
    const told = this.#notices.add(notice)
    this.pump()
    return told
  }

  /** Takes no more; what is under way ends by itself. Resolves when all of it is settled. */
  async drain(): Promise<void> {
    this.#gate.close()
    this.#cancelWake()
    this.#notices.giveUp()
    await Promise.all(this.#inFlight.values())
  }

  /** Cuts off what is still under way: it is not recorded, and due again at the next start. */
  cutOff(): void {
    this.#abort.abort()
  }

  #room(isTest = false): number {
    return this.#gate.room(this.#inFlight.size, isTest)
  }

  async #take(room: number): Promise<void> {
    this.#isReading = true
    this.#isNudged = false
    const isProbe = this.health.state === 'FAILING'
    const limit = room + this.#inFlight.size
    const found = await this.#read(limit, isProbe)
    this.#isReading = false
    const fresh = found.deliveries.filter(
      delivery => !this.#inFlight.has(keyOf(delivery)) && !this.#justSettled.has(keyOf(delivery)),
    )
    this.#justSettled.clear()
    // What changed while we read (a pause, a hold, a lost lease) counts.
    for (const delivery of fresh.slice(0, Math.max(0, Math.min(room, this.#room())))) this.#start(delivery, isProbe)
    const mayBeMore = found.deliveries.length >= limit && fresh.length > 0
    if (this.#isNudged || this.#room() < 0 || (mayBeMore && this.#room() > 0)) this.pump()
    else if (found.nextAt !== null) this.#wakeIn(Math.max(1, found.nextAt - this.#deps.clock.now()))
  }

  async #read(limit: number, isProbe: boolean): Promise<Due> {
    const { store, clock, observer } = this.#deps
    try {
      return await readDue(store, { destination: this.name, now: clock.now(), limit, isProbe })
    } catch (error) {
      observer.failed('read what is due', this.name, error)
      this.#gate.takeBreath()
      return NOTHING_DUE
    }
  }

  #wakeIn(ms: number): void {
    this.#cancelWake()
    this.#cancelWake = this.#deps.clock.after(ms, () => this.pump())
  }

  #start(delivery: DeliveryProgress, isProbe: boolean): void {
    const sendsAt = this.#gate.take()
    this.#follow(keyOf(delivery), this.#deliver(delivery, isProbe, sendsAt))
  }

  #follow(key: string, work: Promise<unknown>): void {
    const ended = work.finally(() => {
      this.#inFlight.delete(key)
      if (this.#isReading) this.#justSettled.add(key)
      this.#pumpSoon()
    })
    this.#inFlight.set(key, ended)
  }

  /** Outcomes are recorded many at a time, and one look is enough for all that were. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return
    this.#isPumpDue = true
    queueMicrotask(() => {
      this.#isPumpDue = false
      this.pump()
    })
  }

  #startNotice(type: Notice['type']): void {
    const waiting = this.#notices.next(type)
    if (!waiting) return
    this.#gate.takeNow()
    const isProbe = type === 'support.alert' && this.health.state === 'FAILING'
    const work = this.#sendNotice(waiting.notice, isProbe)
    this.#follow(`notice/${waiting.notice.id}`, work)
    waiting.resolve(work)
  }

  async #sendNotice(notice: Notice, isProbe: boolean): Promise<Told | undefined> {
    const { clock, store, observer, followClock } = this.#deps
    let told: Told | undefined
    try {
      told = await sendNotice(this.#deps, this.destination, notice, this.#abort.signal)
      if (!told) return undefined
      followClock()
      this.#standing.become(healthAfter(this.health, told.outcome, { now: clock.now(), isProbe, pause: false }))
      const result = await store.noteHealth({ destination: this.name, epoch: this.epoch, health: this.health })
      if (result.outcome === 'settled') this.#standing.adopt(result.health)
    } catch (error) {
      observer.failed('announce', this.name, error)
    }
    // What was sent was sent, though it could not be noted.
    return told
  }

  async #deliver(delivery: DeliveryProgress, isProbe: boolean, sendsAt: (nowMs: number) => void): Promise<void> {
    try {
      const attempted = await runAttempt(this.#deps, this.destination, delivery, {
        signal: this.#abort.signal,
        maySend: () => this.#gate.maySend(isProbe, sendsAt),
        servedSince: this.#servedSince,
      })
      if (attempted) await this.#settle(delivery, attempted, isProbe)
    } catch (error) {
      // The store could not be read, or a mistake of ours: the delivery stays due, and the lane takes a breath.
      this.#deps.observer.failed('deliver', this.destination.name, error)
      this.#gate.takeBreath()
    }
  }

  async #settle(delivery: DeliveryProgress, attempted: Attempted, isProbe: boolean): Promise<void> {
    const { clock, random, observer, followClock } = this.#deps
    // What is kept by the wall clock is about to be compared with it.
    followClock()
    const after = afterAttempt(delivery, this.health, attempted.outcome, {
      now: clock.now(),
      startedAt: attempted.startedAt,
      isProbe,
      fraction: random.fraction(),
      nextLevel: attempted.nextLevel,
    })
    // Taken over before the store has it, so that the next outcome builds on it: health follows the order of settling.
    this.#standing.become(after.health)
    observer.attempted(this.destination.name, attempted.record, after)
    const result = await this.#recorder.record(() => ({
      epoch: this.epoch,
      progress: after.progress,
      state: after.state,
      reason: after.reason,
      attempt: attempted.record,
      // As it is by then, should this have to be repeated.
      health: this.health,
      ref: attempted.outcome.kind === 'delivered' ? (attempted.outcome.ref ?? null) : null,
    }))
    if (result?.outcome === 'settled') this.#standing.adopt(result.health)
    else this.#gate.close()
  }
}

const keyOf = (delivery: DeliveryProgress): string => `${delivery.ticketNumber}/${delivery.eventNumber}`
