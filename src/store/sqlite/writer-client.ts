/** The service's side of the writer thread: group commit. What arrives while a commit is under way goes into the next one; what
 *  arrives in a flood is handed over in rounds, so that the writer works on one while the rest is still being read. */
import type { Clock } from '../../domain/clock.ts'
import type { AcceptResult, Settlement, SettleResult } from '../../domain/store.ts'
import { StoreUnavailable } from '../../domain/store.ts'
import type { NewTicket } from '../../domain/ticket.ts'
import type { Settled } from './core.ts'
import type { CallResult, ToWriter, WriteCall } from './messages.ts'
import type { Answer, Thread } from './thread.ts'

/** One batch holds at most this much, so that no commit takes long. */
export const BATCH_ROWS_MAX = 256
export const BATCH_BYTES_MAX = 4 * 1024 * 1024
/** A full round does not wait for the one before it, up to so many of them. Without this, 256 connections went in lockstep: the writer idle
 *  while all requests were read, the service's own thread idle while all were written. */
export const ROUND_ROWS = 64
const ROUNDS_MAX = 4
/** At most this many tickets, and this much, wait in memory, handed over or not; beyond it one is refused at once: a second's work for a slow disk,
 *  so that whoever is let in is answered soon, and so is everybody once the rush is over. */
export const WAITING_TICKETS_MAX = 1_024
export const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** A writer that has not answered for this long is reported as stalled, so that whoever waits has an answer within a second; a commit that comes late still counts. */
export const STALL_MS = 900

type Waiter<Item, Value> = {
  readonly item: Item
  readonly bytes: number
  resolve(value: Value): void
  reject(error: Error): void
}
type Call = { readonly call: WriteCall; readonly request: unknown }
type Round = {
  readonly id: number
  readonly tickets: Waiter<NewTicket, AcceptResult>[]
  readonly settlements: Waiter<Settlement, SettleResult>[]
  readonly calls: Waiter<Call, unknown>[]
}

export type Flow = {
  /** Tickets since the start. */
  readonly answered: number
  /** Whether more tickets wait than one commit takes. */
  readonly isBehind: boolean
}

export class WriterClient {
  readonly #clock: Clock
  #thread: Thread | undefined
  #tickets: Round['tickets'] = []
  #settlements: Round['settlements'] = []
  #calls: Round['calls'] = []
  /** Of tickets that have no answer yet, handed over or not. */
  #waitingTickets = 0
  #waitingBytes = 0
  #answeredTickets = 0
  /** Handed over and not answered yet, oldest first. */
  #rounds: Round[] = []
  #roundCount = 0
  #cancelStall: () => void = () => {}
  #isScheduled = false
  #isStalled = false
  #hasFailed = false
  isClosed = false
  #idle: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  attach(thread: Thread): void {
    this.#thread = thread
  }

  get isStalled(): boolean {
    return this.#isStalled
  }

  /** Whether something could not be written, and nothing surely was since: then only another write can tell how things stand. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Whether the next ticket would be refused for want of room. */
  get isCrowded(): boolean {
    return this.#waitingTickets >= WAITING_TICKETS_MAX || this.#waitingBytes >= WAITING_BYTES_MAX
  }

  get flow(): Flow {
    return { answered: this.#answeredTickets, isBehind: this.#waitingTickets > BATCH_ROWS_MAX }
  }

  accept(ticket: NewTicket): Promise<AcceptResult> {
    if (this.isClosed) return Promise.reject(closed())
    if (this.#isStalled) return Promise.reject(new StoreUnavailable('not-written', 'the store is not answering'))
    const bytes = sizeOf(ticket)
    if (this.isCrowded || this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      return Promise.reject(new StoreUnavailable('not-written', 'too many tickets are waiting to be stored'))
    }
    this.#waitingTickets += 1
    this.#waitingBytes += bytes
    return this.#wait(this.#tickets, ticket, bytes)
  }

  /** Waits as long as it takes: an outcome that is in hand is not given up. */
  settle(settlement: Settlement): Promise<SettleResult> {
    return this.isClosed ? Promise.reject(closed()) : this.#wait(this.#settlements, settlement, 0)
  }

  call(call: WriteCall, request: unknown): Promise<unknown> {
    if (this.isClosed) return Promise.reject(closed())
    if (this.#isStalled) return Promise.reject(new StoreUnavailable('not-written', 'the store is not answering'))
    return this.#wait(this.#calls, { call, request }, 0)
  }

  /** Resolves when everything handed in so far has been answered; nothing more is taken. */
  async close(): Promise<void> {
    this.isClosed = true
    if (this.#rounds.length > 0 || this.#isScheduled) await new Promise<void>(resolve => (this.#idle = resolve))
  }

  onAnswer(answer: Answer): void {
    const [round] = this.#rounds
    if (round?.id !== answer.id || !answer.batch) return
    this.#rounds.shift()
    this.#watch()
    this.#isStalled = false
    const { tickets, settlements } = answer.batch
    const results = [...tickets, ...settlements, ...answer.calls]
    if (results.some(result => 'error' in result)) this.#hasFailed = true
    else if (isProof(round)) this.#hasFailed = false
    this.#waitingTickets -= round.tickets.length
    this.#answeredTickets += round.tickets.length
    this.#waitingBytes -= bytesOf(round.tickets)
    for (const [i, waiter] of round.tickets.entries()) hand(waiter, answer.batch.tickets[i])
    for (const [i, waiter] of round.settlements.entries()) hand(waiter, answer.batch.settlements[i])
    for (const [i, waiter] of round.calls.entries()) hand(waiter, answer.calls[i])
    if (this.#rounds.length === 0 || this.#tickets.length >= ROUND_ROWS) this.#send()
    if (this.#rounds.length === 0) this.#idle?.()
  }

  /** The thread died. What it had is asked again: ids and attempt numbers make that harmless where it had been written. */
  onRestart(): void {
    const lost = this.#rounds
    this.#rounds = []
    this.#tickets = [...lost.flatMap(({ tickets }) => tickets), ...this.#tickets]
    this.#settlements = [...lost.flatMap(({ settlements }) => settlements), ...this.#settlements]
    this.#calls = [...lost.flatMap(({ calls }) => calls), ...this.#calls]
    this.#isStalled = false
    this.#watch()
    this.#send()
  }

  #wait<Item, Value>(queue: Waiter<Item, Value>[], item: Item, bytes: number): Promise<Value> {
    return new Promise((resolve, reject) => {
      queue.push({ item, bytes, resolve, reject })
      this.#schedule()
    })
  }

  /** At the end of the turn, so that everything that arrived in it shares the commit; or as soon as a round is full. */
  #schedule(): void {
    if (this.#tickets.length >= ROUND_ROWS && this.#rounds.length < ROUNDS_MAX) this.#send()
    if (this.#rounds.length > 0 || this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (this.#rounds.length === 0) this.#send()
    })
  }

  #send(): void {
    if (this.#isEmpty()) return
    this.#roundCount += 1
    const round: Round = {
      id: this.#roundCount,
      tickets: this.#takeTickets(),
      settlements: this.#settlements.splice(0, BATCH_ROWS_MAX),
      calls: this.#calls.splice(0),
    }
    this.#rounds.push(round)
    if (this.#rounds.length === 1) this.#watch()
    const message: ToWriter = {
      id: round.id,
      batch: { tickets: round.tickets.map(({ item }) => item), settlements: round.settlements.map(({ item }) => item) },
      calls: round.calls.map(({ item }) => item),
    }
    this.#thread?.post(message)
  }

  #takeTickets(): Round['tickets'] {
    let bytes = 0
    let count = 0
    for (const { bytes: size } of this.#tickets) {
      if (count === BATCH_ROWS_MAX || (count > 0 && bytes + size > BATCH_BYTES_MAX)) break
      bytes += size
      count += 1
    }
    return this.#tickets.splice(0, count)
  }

  /** From every answer on, the next one has this long to come. */
  #watch(): void {
    this.#cancelStall()
    this.#cancelStall = this.#rounds.length > 0 ? this.#clock.after(STALL_MS, () => this.#stall()) : () => {}
  }

  #stall(): void {
    this.#isStalled = true
    const unknown = () => new StoreUnavailable('unknown', 'the store has not answered in time')
    const notWritten = () => new StoreUnavailable('not-written', 'the store is not answering')
    for (const round of this.#rounds) {
      for (const { reject } of [...round.tickets.splice(0), ...round.calls.splice(0)]) reject(unknown())
    }
    for (const { reject } of [...this.#tickets.splice(0), ...this.#calls.splice(0)]) reject(notWritten())
    this.#waitingTickets = 0
    this.#waitingBytes = 0
  }

  #isEmpty(): boolean {
    return this.#tickets.length + this.#settlements.length + this.#calls.length === 0
  }
}

/** Other calls may have found nothing to write. */
const isProof = ({ tickets, settlements, calls }: Round): boolean =>
  tickets.length + settlements.length > 0 || calls.some(({ item }) => item.call === 'check')

/** What a ticket weighs in memory and in the log, roughly: two bytes a character at worst, and its rows. */
const sizeOf = (ticket: NewTicket): number => 2 * (ticket.message.length + ticket.subject.length) + 2_048

const bytesOf = (tickets: Round['tickets']): number => tickets.reduce((sum, { bytes }) => sum + bytes, 0)

const hand = <Value>(waiter: Waiter<unknown, Value>, result: Settled<Value> | CallResult | undefined): void => {
  if (!result) waiter.reject(new StoreUnavailable('unknown', 'the store answered something else'))
  else if ('error' in result) waiter.reject(new StoreUnavailable(result.error.outcome, result.error.message))
  else waiter.resolve(result.value as Value) // the thread answers each item with its own result, in order
}

const closed = () => new StoreUnavailable('not-written', 'the store is closed')
