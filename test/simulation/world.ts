/** One history: a service with its destinations, and everything that happens to it, from one seed. */
import { deliveryId } from '../../src/domain/delivery.ts'
import { referenceCode } from '../../src/domain/reference.ts'
import type { Lease, Store } from '../../src/domain/store.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { sqliteWrites } from '../../src/store/sqlite/core.ts'
import { ticket } from '../contracts/store/arrange.ts'
import { Books } from './books.ts'
import { chanceFrom } from './chance.ts'
import { BITTER, destinationsFor, MOODS, Network, POISON } from './network.ts'
import { openDisk, storeOf, type Weather } from './store.ts'
import { type Life, Time } from './time.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** When everything is well again, this is more than enough for what waits. */
const CALM_MS = 4 * HOUR

export type Told = {
  readonly lifetimes: number
  readonly sends: number
  readonly repeats: number
  readonly crashes: number
  readonly trace: string
}

/** Plays the history of this seed. @throws with everything that was found to be wrong */
export const play = async (seed: number): Promise<Told> => {
  const chance = chanceFrom(seed)
  const time = new Time()
  const destinations = destinationsFor(chance)
  const names = destinations.map(({ name }) => name)
  const books = new Books(time, destinations)
  const network = new Network(time, chance, books)
  const disk = openDisk(chance, time)
  books.lessor = disk.holderOf
  const references = referenceCode(disk.keys.reference)
  const weather: Weather = { stallMs: 0, failing: 0 }
  /** More than one process only where the database could be shared: then a frozen one wakes up among others. */
  const isShared = chance.is(0.25)
  const stormEnds = chance.between(3, 20) * MINUTE
  let end = stormEnds + CALM_MS
  let calm = false
  let lives = 0
  let crashes = 0
  const events = new Map<number, { id: string; to: readonly string[]; last: number; isPoison: boolean }>()
  type Process = { readonly life: Life; readonly store: Store; readonly engine: Engine }

  const start = (): Process => {
    lives += 1
    const life: Life = { name: `life-${lives}`, isDead: false, frozenUntil: 0 }
    const recorded = {
      accepted(given: ReturnType<typeof ticket>, result: { outcome: string; number?: number }) {
        if (result.outcome !== 'accepted' || result.number === undefined || events.has(result.number)) return
        const isPoison = given.message.includes(POISON)
        events.set(result.number, { id: given.id, to: given.destinations, last: 1, isPoison })
        for (const destination of given.destinations) commit(result.number, 1, destination)
      },
      leased(leases: readonly Lease[]) {
        for (const { destination, health } of leases) books.stateChanged(life, destination, health.state)
      },
      settled(settlement: Parameters<Store['settle']>[0], result: { outcome: string }) {
        const { progress } = settlement
        const id = events.get(progress.ticketNumber)?.id ?? ''
        if (result.outcome === 'settled') books.settled(life, settlement, deliveryId(id, progress))
      },
    }
    const store = storeOf(disk, life, { time, chance, weather, recorded })
    // One process owns a folder of its own: a start frees whatever was left leased.
    if (!isShared) sqliteWrites(disk.db, () => time.monotonic(), disk.leases).freeAllLeases()
    const engine = createEngine({
      id: life.name,
      destinations,
      store,
      transport: network.transportOf(life),
      clock: time.clockOf(life),
      random: chance,
      references,
      ticketUrl: () => null,
      observer: {
        attempted() {},
        stateChanged: (destination, _before, after) => books.stateChanged(life, destination, after.state),
        clockJumped() {},
        expired() {},
        failed() {},
      },
      onRenderError: (_destination, error) => books.blame(`a message could not be rendered: ${error}`),
    })
    void engine.start()
    return { life, store, engine }
  }

  const commit = (ticketNumber: number, eventNumber: number, destination: string) => {
    const { id, isPoison } = events.get(ticketNumber) ?? { id: '', isPoison: false }
    books.committed({
      id: deliveryId(id, { eventNumber, destination }),
      destination,
      ticketNumber,
      eventNumber,
      isPoison: isPoison && eventNumber === 1,
    })
  }

  let processes: Process[] = [start(), ...(isShared ? [start()] : [])]
  const anyone = (): Process => chance.pick(processes)

  const kill = ({ life }: Process) => {
    crashes += 1
    life.isDead = true
    books.ended(life)
  }
  books.onHeard = life => {
    if (calm || !chance.is(0.005)) return
    time.after(chance.below(4), () => {
      const process = processes.find(process => process.life === life)
      if (!process || life.isDead) return
      kill(process)
      replace(process, chance.between(10, 5 * SECOND))
    })
  }
  const replace = (process: Process, after: number) => {
    end = Math.max(end, time.monotonic() + after + CALM_MS)
    time.after(after, () => {
      processes = processes.map(other => (other === process ? start() : other))
    })
  }

  /** A ticket is sent in; its acknowledgement is checked at once. */
  const write = () => {
    const { life, store, engine } = anyone()
    if (life.isDead) return
    const to = names.filter(() => chance.is(0.7))
    const given = ticket({
      id: disk.nextId(),
      createdAt: time.now(),
      message: chance.is(0.05) ? POISON : chance.is(0.05) ? BITTER : 'It broke.',
      destinations: to,
      limitPerHour: 1e9,
    })
    void store.accept(given).then(
      result => {
        if (result.outcome !== 'accepted') return books.blame(`refused: ${result.outcome}`)
        const found = disk.reads
          .deliveries({ ticketNumber: result.number })
          .filter(({ progress }) => progress.eventNumber === 1)
        if (found.map(({ progress }) => progress.destination).join() !== to.join())
          books.blame(`ticket ${result.number} was acknowledged without all its deliveries`)
        engine.nudge(to)
      },
      () => {}, // told so; it may have been stored all the same
    )
  }

  const comment = () => {
    const numbers = [...events.keys()]
    if (numbers.length === 0) return
    const number = chance.pick(numbers.slice(-20))
    const known = events.get(number)
    if (!known) return
    known.last += 1
    disk.comment(number, known.last, known.to, time.now())
    for (const destination of known.to) commit(number, known.last, destination)
    for (const { engine, life } of processes) if (!life.isDead) engine.nudge(known.to)
  }

  const happenings: readonly (readonly [weight: number, happen: () => void])[] = [
    [60, write],
    [12, comment],
    [14, () => network.moods.set(chance.pick(names), chance.is(0.4) ? 'well' : chance.pick(MOODS))],
    [
      2,
      () => {
        const process = anyone()
        if (process.life.isDead) return
        kill(process)
        replace(process, chance.is(0.9) ? chance.between(10, 5 * SECOND) : chance.between(1, 72) * HOUR)
      },
    ],
    [
      1,
      () => {
        const process = anyone()
        if (process.life.isDead) return
        void process.engine.stop().then(() => {
          process.life.isDead = true
          books.ended(process.life)
          processes = processes.map(other => (other === process ? start() : other))
        })
      },
    ],
    [
      2,
      () => {
        const { store, life } = anyone()
        if (life.isDead) return
        const destination = chance.pick(names)
        void store.steer({ destination, state: 'PAUSED', reason: 'paused-by-staff', now: time.now() }).catch(() => {})
        time.after(chance.between(SECOND, 3 * MINUTE), () => void resume(destination))
      },
    ],
    [
      1,
      () => {
        weather.stallMs = chance.between(100, 3_000)
        time.after(chance.between(SECOND, 10 * SECOND), () => (weather.stallMs = 0))
      },
    ],
    [
      1,
      () => {
        weather.failing = 0.5
        time.after(chance.between(SECOND, 20 * SECOND), () => (weather.failing = 0))
      },
    ],
    [
      0.5,
      () => {
        time.jump(chance.pick([-2 * HOUR, -MINUTE, MINUTE, 2 * HOUR, 7 * 24 * HOUR]))
        books.jumped()
      },
    ],
    [
      isShared ? 2 : 0,
      () => {
        const { life } = anyone()
        if (life.isDead) return
        life.frozenUntil = time.monotonic() + chance.between(SECOND, 60 * SECOND)
        books.ended(life)
      },
    ],
  ]
  const total = happenings.reduce((sum, [weight]) => sum + weight, 0)

  const resume = async (destination: string) => {
    const { store, life } = anyone()
    if (life.isDead) return
    await store.steer({ destination, state: 'OK', reason: null, now: time.now() }).catch(() => {})
    for (const { engine, life } of processes) if (!life.isDead) void engine.refresh()
  }

  const happenSomething = () => {
    let left = chance.fraction() * total
    for (const [weight, happen] of happenings) {
      left -= weight
      if (left <= 0) return happen()
    }
  }

  const check = () => {
    if (books.violations.length > 0) throw new Error(`seed ${seed}: ${books.violations.join('; ')}`)
  }
  /** The books against the store, all of it. */
  const balance = () => {
    for (const { name, pending, dead } of disk.reads.destinations()) {
      const desk = books.desk(name)
      if (pending !== desk.pending || dead !== desk.dead || desk.accepted !== desk.pending + desk.delivered + desk.dead)
        books.blame(
          `the books of ${name} do not balance: ${JSON.stringify({ ...desk, heldBy: null, sender: null, sends: 0 })}, stored ${pending} pending and ${dead} dead`,
        )
    }
  }

  const wanted = chance.between(60, 200)
  for (let i = 0; i < wanted; i += 1) time.after(chance.below(stormEnds), happenSomething)
  for (let at = MINUTE; at < stormEnds; at += MINUTE) time.after(at, balance)

  const becalm = () => {
    calm = true
    weather.stallMs = 0
    weather.failing = 0
    for (const name of names) network.moods.set(name, 'well')
  }
  time.after(stormEnds, becalm)
  const settledAll = () => [...books.entries.values()].every(({ state }) => state !== 'PENDING')
  let looksAt = stormEnds
  while (await time.step()) {
    check()
    if (!calm || time.monotonic() < looksAt) continue
    looksAt = time.monotonic() + 10 * SECOND
    if (settledAll()) break
    // Staff look at what is paused, as often as it takes.
    for (const name of names) void resume(name)
    if (time.monotonic() > end) break
  }
  balance()
  for (const entry of books.entries.values())
    if (entry.state === 'PENDING') books.blame(`${entry.id} is still pending hours after the storm`)
  check()
  for (const { life } of processes) life.isDead = true
  disk.db.close()
  return {
    lifetimes: events.size,
    sends: books.sends,
    repeats: books.repeats,
    crashes,
    trace: `${books.sends} sends, ${time.monotonic()} ms, ${[...books.entries.values()].map(({ attempts, state }) => `${attempts}${state[1]}`).join('')}`,
  }
}
