/** One connection between a life and the real server. What is sent arrives after some of the simulation's time, is executed while that stands
 *  still, and is answered after some more. */
import { connect, type Socket } from 'node:net'
import type { Life, Time } from '../time.ts'
import { endsAnswer, endsRequest, Frames, isCommit, isFarewell, processIn, statusIn, withoutLimits } from './frames.ts'

/** What becomes of a request and its answer. */
export type Fate = {
  readonly arrivesAfterMs: number
  readonly answeredAfterMs: number
  /** `cut`: the connection breaks off · `silent`: nothing comes any more, and nobody is told. */
  readonly fails: 'no' | 'cut' | 'silent'
  /** Whether that happens before it has arrived. */
  readonly isLost: boolean
}

/** The server's limits, as connection.ts asks for them, by the simulation's clock. */
const IDLE_IN_TRANSACTION_MS = 5_000
const LOCK_MS = 2_000

export type Trouble =
  | 'a COMMIT whose answer is lost'
  | 'a wait for a lock'
  | 'a wait for a lock that is given up'
  | 'a transaction that stands still'
  | 'a lease that runs out'
  | 'a database that is away'

export type LineDeps = {
  readonly time: Time
  readonly life: Life
  readonly target: { readonly host: string; readonly port: number }
  /** Called when there is something for `proceed`. */
  readonly onArrival: (line: Line) => void
  /** Whether this writes something. */
  readonly writes: (request: Buffer) => boolean
  /** Brings the database's clock to the present, if this asks for it. */
  readonly beforeRequest: (request: Buffer) => Promise<void>
  /** Called when a request was answered, or the connection is gone: others may have waited for it. */
  readonly afterRequest: (line: Line, request: Buffer | null) => Promise<void>
  /** Time stands still meanwhile, and nothing of the kind happens beside it. */
  readonly alone: (work: () => Promise<void>) => void
  readonly meet: (what: Trouble) => void
  readonly isWaitingForLock: (line: Line) => Promise<boolean>
  readonly signal: (what: 'cancel' | 'terminate', pid: number) => Promise<void>
}

export class Line {
  readonly name: string
  readonly #deps: LineDeps
  readonly #client: Socket
  #upstream: Socket | undefined
  #pid = 0
  readonly #asked = new Frames('client')
  readonly #told = new Frames('server')
  #request: Buffer[] = []
  #answer: Buffer[] = []
  readonly #arrived: (Buffer | 'farewell')[] = []
  /** The latest moment at which something is on its way, in either direction: nothing overtakes. */
  #onWayUntil = 0
  #onAnswer: (isWhole: boolean) => void = () => {}
  #count = 0
  #isGone = false
  #isInTransaction = false
  /** A request waits for others' locks. */
  blocked: { readonly request: Buffer; readonly fate: Fate; readonly answer: Promise<boolean> } | undefined

  constructor(name: string, client: Socket, deps: LineDeps) {
    this.name = name
    this.#deps = deps
    this.#client = client
    const arrive = (what: Buffer | 'farewell') => {
      this.#arrived.push(what)
      deps.onArrival(this)
    }
    client.on('error', () => {}) // its close tells
    client.on('close', () => arrive('farewell'))
    client.on('data', piece => {
      for (const frame of this.#asked.take(piece)) {
        this.#request.push(frame.type === 'startup' ? withoutLimits(frame.bytes) : frame.bytes)
        if (endsRequest(frame)) arrive(Buffer.concat(this.#request.splice(0)))
        else if (isFarewell(frame)) arrive('farewell')
      }
    })
  }

  get life(): Life {
    return this.#deps.life
  }

  /** The server's process for it; 0 as long as there is none. */
  get pid(): number {
    return this.#pid
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** Whether this ends a transaction for good: a COMMIT, or a statement that writes by itself. */
  commits(request: Buffer): boolean {
    const writes = this.#deps.writes(request)
    return isCommit(request) || (writes && !this.#isInTransaction)
  }

  /** The client's end is gone: the server notices once it has read what was on its way. */
  leave(): void {
    this.#onWay(0, () => this.#deps.alone(() => this.hangUp()))
  }

  /** Sends what has come on its way. */
  proceed(fateOf: (isCommit: boolean) => Fate): void {
    const { alone } = this.#deps
    for (const what of this.#arrived.splice(0)) {
      const fate = fateOf(what !== 'farewell' && this.commits(what))
      this.#onWay(fate.arrivesAfterMs, () =>
        alone(() => (what === 'farewell' ? this.hangUp() : this.#execute(what, fate))),
      )
    }
  }

  /** The server's end goes, whatever it was doing, and so does what it had not committed; the client hears of it if it still listens. */
  async hangUp(): Promise<void> {
    if (this.#isGone) return
    this.#isGone = true
    if (this.#pid > 0) await this.#deps.signal('terminate', this.#pid)
    this.#upstream?.destroy()
    this.#onAnswer(false)
    this.blocked = undefined
    this.#onWay(1, () => this.#client.destroy(), this.#deps.life)
    await this.#deps.afterRequest(this, null)
  }

  close(): void {
    this.#isGone = true
    this.#onAnswer(false)
    this.#client.destroy()
    this.#upstream?.destroy()
  }

  async #execute(request: Buffer, fate: Fate): Promise<void> {
    if (this.#isGone) return
    if (fate.isLost && fate.fails === 'cut') return this.hangUp()
    if (fate.isLost && fate.fails === 'silent') return
    this.#count += 1
    await this.#deps.beforeRequest(request)
    const upstream = this.#upstream ?? (await this.#connect())
    if (!upstream) return this.hangUp()
    const answer = new Promise<boolean>(resolve => (this.#onAnswer = resolve))
    upstream.write(request)
    await this.#finish(request, fate, answer)
  }

  /** Returns when the server has answered, or waits for a lock that somebody else must let go of first. */
  async #finish(request: Buffer, fate: Fate, answer: Promise<boolean>): Promise<void> {
    const { time, alone, meet, isWaitingForLock, signal, afterRequest } = this.#deps
    let patienceMs = 5
    for (;;) {
      const isWhole = await within(patienceMs, answer)
      if (isWhole === false) return this.hangUp()
      if (isWhole) break
      patienceMs = 1
      if (!(await isWaitingForLock(this))) continue
      if (!this.blocked) {
        const blocked = { request, fate, answer }
        this.blocked = blocked
        meet('a wait for a lock')
        time.after(LOCK_MS, () => {
          if (this.blocked !== blocked) return
          meet('a wait for a lock that is given up')
          alone(() => signal('cancel', this.#pid).then(() => this.recheck()))
        })
      }
      return
    }
    this.blocked = undefined
    if (fate.fails !== 'no' && this.commits(request)) meet('a COMMIT whose answer is lost')
    await this.#reply(fate)
    await afterRequest(this, request)
  }

  /** Others have let go of something: whatever follows from it for this one has happened afterwards. */
  async recheck(): Promise<void> {
    if (this.blocked) await this.#finish(this.blocked.request, this.blocked.fate, this.blocked.answer)
  }

  async #reply({ fails, answeredAfterMs }: Fate): Promise<void> {
    const { time, alone, meet, life } = this.#deps
    const bytes = Buffer.concat(this.#answer.splice(0))
    const asked = this.#count
    this.#isInTransaction = ['T', 'E'].includes(statusIn(bytes))
    if (this.#isInTransaction)
      time.after(IDLE_IN_TRANSACTION_MS, () => {
        if (this.#count !== asked || this.#isGone) return
        meet('a transaction that stands still')
        alone(() => this.hangUp())
      })
    if (fails === 'cut') return this.hangUp()
    if (fails === 'no') this.#onWay(answeredAfterMs, () => this.#client.write(bytes), life)
  }

  async #connect(): Promise<Socket | undefined> {
    const { host, port } = this.#deps.target
    const upstream = connect(port, host)
    upstream.setNoDelay(true)
    upstream.on('error', () => {}) // its close tells
    upstream.on('close', () => this.#onAnswer(false))
    upstream.on('data', piece => {
      for (const frame of this.#told.take(piece)) {
        this.#answer.push(frame.bytes)
        this.#pid = processIn(frame) ?? this.#pid
        if (endsAnswer(frame)) this.#onAnswer(true)
      }
    })
    this.#upstream = upstream
    return new Promise(resolve =>
      upstream.once('connect', () => resolve(upstream)).once('close', () => resolve(undefined)),
    )
  }

  #onWay(ms: number, arrive: () => void, life: Life | null = null): void {
    const { time } = this.#deps
    this.#onWayUntil = Math.max(this.#onWayUntil, time.monotonic() + ms)
    time.after(this.#onWayUntil - time.monotonic(), arrive, life)
  }
}

/** Undefined after so many milliseconds of real time. */
const within = async <T>(ms: number, work: Promise<T>): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>(resolve => (timer = setTimeout(resolve, ms, undefined)))
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
