/** What must be true at every step, kept as the world goes on: each happening costs one entry, never a look at everything. */
import type { Destination } from '../../src/domain/destination.ts'
import type { ShownState } from '../../src/domain/shown-destination.ts'
import { Breakers } from './breakers.ts'
import {
  type Desk,
  type Entry,
  type Heard,
  isJustReplayed,
  type Lessor,
  type NewEntry,
  newDesk,
  newEntry,
} from './entries.ts'
import { Promptness } from './promptness.ts'
import * as rules from './rules.ts'
import type { Life, Time } from './time.ts'

/** As promised, not as the product has it. */
const UNCLEAR_WAIT_MS = 60_000

export class Books {
  readonly entries = new Map<string, Entry>()
  readonly violations: string[] = []
  readonly deaths = new Set<string>()
  sends = 0
  /** A success was heard and is not recorded yet: the worst moment to crash. */
  onHeard: (life: Life) => void = () => {}
  /** An answer asks to wait, and that is not recorded yet. */
  onAsked: (life: Life, destination: string) => void = () => {}
  repeats = 0
  readonly #byTicket = new Map<string, Entry[]>()
  readonly #desks = new Map<string, Desk>()
  /** What each life thinks of each destination. */
  readonly #health = new Map<string, ShownState>()
  readonly breakers: Breakers
  readonly promptness: Promptness
  #hasJumped = false
  readonly #time: Time
  readonly #destinations: ReadonlyMap<string, Destination>
  lessor: Lessor = () => ({ engine: null, until: 0 })

  constructor(time: Time, destinations: readonly Destination[]) {
    this.#time = time
    this.#destinations = new Map(destinations.map(destination => [destination.name, destination]))
    for (const { name } of destinations) this.#desks.set(name, newDesk())
    this.promptness = new Promptness(time)
    this.breakers = new Breakers(time, what => this.blame(what))
  }

  desk(destination: string): Desk {
    const desk = this.#desks.get(destination)
    if (!desk) throw new Error(`no destination ${destination}`)
    return desk
  }

  /** A delivery was committed. */
  committed(entry: NewEntry): void {
    const desk = this.desk(entry.destination)
    desk.accepted += 1
    const made = newEntry(entry, this.#time.monotonic())
    desk.waiting.add(made)
    this.entries.set(entry.id, made)
    const key = `${entry.ticketNumber}/${entry.destination}`
    this.#byTicket.set(key, [...(this.#byTicket.get(key) ?? []), made])
  }

  sent(life: Life, destination: string, id: string, timeoutMs: number): void {
    this.sends += 1
    const mono = this.#time.monotonic()
    const desk = this.desk(destination)
    const rate = this.#destinations.get(destination)?.rate
    const entry = this.entries.get(id)
    if (!entry) {
      this.blame(`sent what was never accepted: ${id}`)
      return
    }
    if (entry.destination !== destination) this.blame(`${id} went to ${destination}`)
    if (entry.state !== 'PENDING') this.blame(`${id} was sent though ${entry.state}`)
    if (entry.sending && !entry.mayRepeat) this.blame(`${id} was sent twice at once`)
    if (entry.wasHeard && !entry.mayRepeat) this.blame(`${id} was sent again after its success, without a crash`)
    if (entry.mayRepeat && entry.wasHeard) this.repeats += 1
    for (const earlier of this.#ofTicket(entry))
      if (earlier.eventNumber < entry.eventNumber && earlier.state === 'PENDING' && !isJustReplayed(earlier, mono))
        this.blame(`${id} overtook ${earlier.id}`)
    if (mono < desk.heldUntil && (desk.heldBy === life || desk.isHoldKept))
      this.blame(`${id} undercut a Retry-After by ${desk.heldUntil - mono} ms`)
    const { engine, until } = this.lessor(destination)
    if (engine !== life.name) this.blame(`${life.name} sent ${id} while ${engine} holds the lease`)
    else if (mono + timeoutMs > until) this.blame(`${id} was sent with a deadline beyond the lease`)
    this.#blameAny(rules.paceProblem(desk, { life, destination, mono, rate }))
    const health = this.#health.get(`${life.name}/${destination}`)
    if (health === 'PAUSED') this.blame(`${id} was sent to a paused destination`)
    if (health === 'FAILING' && desk.sending > 0 && desk.sender === life)
      this.blame(`${id} was sent beside another to a failing destination`)
    if (entry.unclearAt !== null && entry.waitsSince !== null && mono - entry.unclearAt < UNCLEAR_WAIT_MS)
      this.blame(`${id} was sent again ${mono - entry.unclearAt} ms after an unclear answer`)
    if (entry.unclearsInRow >= rules.UNCLEAR_MAX)
      this.blame(`${id} was sent again after ${rules.UNCLEAR_MAX} unclear answers`)
    const isProbe = this.breakers.sent(life, destination, id)
    if (isProbe && !this.#hasJumped)
      this.#blameAny(rules.probeProblem(entry, desk.waiting, { mono, ofTicket: other => this.#ofTicket(other) }))
    if (health === 'OK' && !isProbe) this.#blameAny(this.promptness.problem(entry, life))
    this.promptness.busy(destination, rate?.perMs)
    entry.waitedMs = entry.waitsSince === null ? null : mono - entry.waitsSince
    entry.sentAt = mono
    entry.sending = life
    entry.mayRepeat = false
    entry.wasHeard = false
    entry.heardBy = null
    desk.sending = desk.sender === life ? desk.sending + 1 : 1
    desk.sender = life
  }

  *#waiting(): Iterable<Entry> {
    for (const { waiting } of this.#desks.values()) yield* waiting
  }

  #ofTicket({ ticketNumber, destination }: Entry): readonly Entry[] {
    return this.#byTicket.get(`${ticketNumber}/${destination}`) ?? []
  }

  answered(life: Life, destination: string, id: string, heard: Heard): void {
    const { waitMs } = heard
    const entry = this.entries.get(id)
    const desk = this.desk(destination)
    this.promptness.busy(destination, waitMs)
    if (desk.sender === life) desk.sending -= 1
    if (!entry) return
    if (entry.sending === life) entry.sending = null
    if (heard.isCutOff) {
      entry.mayRepeat = true
      return
    }
    // Whoever was frozen and lost the lease meanwhile cannot record what it hears: another sends it once more.
    const canRecord = this.lessor(destination).engine === life.name
    if (!canRecord) entry.mayRepeat = true
    else if (heard.meaning === 'delivered') {
      entry.wasHeard = true
      this.onHeard(life)
      entry.heardBy = life
    }
    entry.answer = { at: this.#time.monotonic(), meaning: heard.meaning }
    rules.count(entry, desk, heard.meaning, this.#time.monotonic())
    this.breakers.answered(life, destination, id, heard.meaning)
    if (waitMs > 0 && this.#time.monotonic() + waitMs > desk.heldUntil) {
      desk.heldUntil = this.#time.monotonic() + waitMs
      desk.heldBy = life
      desk.askedFor = id
      desk.isHoldBlurred = false
      this.onAsked(life, destination)
      desk.isHoldKept = false
    }
  }

  stateChanged(life: Life, destination: string, state: ShownState): void {
    this.#health.set(`${life.name}/${destination}`, state)
    this.promptness.busy(destination)
  }

  /** A settlement was committed by this life. */
  settled(life: Life, settlement: rules.Recorded, id: string): void {
    const { progress, state, reason } = settlement
    const entry = this.entries.get(id)
    if (!entry) {
      this.blame(`settled what was never accepted: ${id}`)
      return
    }
    // The same settlement again; it may have been replayed meanwhile.
    if (progress.attempts === entry.attempts && (entry.state === state || entry.isReplayed)) return
    // It was given up while it was under way: only a success still counts. Whether the store thinks so too is seen when all is compared.
    if (entry.state === 'DEAD' && state !== 'DELIVERED') return
    const desk = this.desk(entry.destination)
    if (entry.state === 'DEAD') desk.dead -= 1
    const { engine } = this.lessor(entry.destination)
    if (engine !== life.name) this.blame(`${life.name} recorded ${id} while ${engine} holds the lease`)
    if (progress.attempts !== entry.attempts + 1)
      this.blame(`${id}: attempt ${entry.attempts} was followed by ${progress.attempts}`)
    this.#blameAny(rules.budgetProblem(entry, progress))
    if (state === 'DELIVERED' && !entry.wasHeard) this.blame(`${id} counts as delivered, and nobody said so`)
    if (state === 'PENDING' && entry.wasHeard) this.blame(`${id} stays pending after its success`)
    const isSlack = this.#destinations.get(entry.destination)?.kind.kind === 'slack'
    if (state === 'DEAD') this.#blameAny(rules.deathProblem(entry, settlement, { isSlack, successes: desk.successes }))
    if (desk.heldBy === life && desk.askedFor === id) desk.isHoldKept = !desk.isHoldBlurred
    if (state !== 'PENDING') desk.waiting.delete(entry)
    if (state === 'DELIVERED') desk.delivered += 1
    if (state === 'DEAD') desk.dead += 1
    if (state === 'DEAD') this.deaths.add(reason ?? '')
    // A probe leaves the moment as it was; after a jump that moment was set anew, by nobody's answer.
    const isProbed = entry.isDueBlurred && progress.backoffMs === entry.backoffMs && progress.spentMs === entry.spentMs
    if (progress.nextAttemptAt !== entry.dueAt && !isProbed) {
      entry.waitsSince = entry.answer?.at ?? null
      entry.isDueBlurred = false
    }
    entry.state = state
    entry.isReplayed = false
    entry.attempts = progress.attempts
    entry.spentMs = progress.spentMs
    entry.backoffMs = progress.backoffMs
    entry.dueAt = progress.nextAttemptAt
    entry.unclearAt = entry.answer?.meaning === 'unclear' ? entry.answer.at : null
    if (entry.answer?.meaning === 'unclear') entry.unclearsInRow += 1
    entry.triedAt = entry.sentAt
    this.promptness.busy(entry.destination)
    entry.changedAt = this.#time.monotonic()
    if (reason === null && state !== 'DELIVERED') this.blame(`${id} has no reason though ${state}`)
  }

  /** It was given up because its destination was held for a month. */
  expired(id: string): void {
    const entry = this.entries.get(id)
    if (entry?.state !== 'PENDING') {
      this.blame(`${id} was given up though ${entry?.state}`)
      return
    }
    const desk = this.desk(entry.destination)
    const heldMs = this.#time.monotonic() - Math.max(entry.madeAt, desk.lastSuccessAt)
    if (heldMs < rules.HELD_MAX_MS && !this.#hasJumped) this.blame(`${id} was given up after ${heldMs} ms`)
    desk.waiting.delete(entry)
    desk.dead += 1
    entry.state = 'DEAD'
    this.deaths.add('held-too-long')
  }

  /** Staff replayed it: it starts anew, after whatever it went through. */
  replayed(id: string, from: 'DEAD' | 'DELIVERED' | 'PENDING'): void {
    const entry = this.entries.get(id)
    if (!entry || entry.state !== from || from === 'PENDING') {
      this.blame(`${id} was replayed though ${entry?.state}`)
      return
    }
    const desk = this.desk(entry.destination)
    if (from === 'DEAD') desk.dead -= 1
    else desk.delivered -= 1
    desk.waiting.add(entry)
    entry.state = 'PENDING'
    entry.isReplayed = true
    entry.replayedAt = entry.changedAt = this.#time.monotonic()
    entry.retries = entry.unclears = entry.unclearsInRow = entry.unavailables = 0
    entry.unclearMark = entry.unavailableMark = entry.triedAt = null
    entry.spentMs = entry.backoffMs = 0
    entry.wasHeard = false
    entry.heardBy = entry.answer = entry.waitsSince = entry.waitedMs = entry.unclearAt = entry.dueAt = null
  }

  /** Staff resumed a destination: what waits may go at once. */
  resumed(destination: string): void {
    for (const entry of this.entries.values())
      if (entry.destination === destination) {
        entry.waitsSince = entry.answer = null
        entry.unclearsInRow = 0
      }
  }

  /** It stopped of its own accord, in time: nothing that it heard may be unrecorded. */
  stopped(life: Life): void {
    for (const { id, heardBy, sending, mayRepeat } of this.#waiting())
      if (!mayRepeat && (heardBy === life || sending === life))
        this.blame(`${life.name} stopped before ${id} was recorded`)
  }

  /** The wall clock jumped: what was waited for by it cannot be told any more. */
  jumped(): void {
    this.#hasJumped = true
    for (const desk of this.#desks.values()) {
      desk.isHoldKept = false
      desk.isHoldBlurred = true
    }
    for (const entry of this.entries.values()) {
      entry.waitsSince = entry.answer = null
      entry.isDueBlurred = true
    }
  }

  /** Whatever this life had under way, or had heard and not recorded, may be sent once more. */
  ended(life: Life): void {
    for (const entry of this.#waiting()) {
      if (entry.sending === life || entry.heardBy === life) entry.mayRepeat = true
      if (entry.sending === life && life.isDead) entry.sending = null
    }
  }

  /** The lease of this engine ran out before it could record what it had heard: whoever took it sends that once more. */
  lapsed(destination: string, engine: string): void {
    for (const entry of this.entries.values())
      if (entry.destination === destination && entry.heardBy?.name === engine) entry.mayRepeat = true
  }

  #blameAny(problem: string | undefined): void {
    if (problem) this.blame(problem)
  }

  blame(what: string): void {
    if (this.violations.length < 5) this.violations.push(`at ${this.#time.monotonic()} ms: ${what}`)
  }
}
