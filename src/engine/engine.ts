/** Serves the destinations whose leases it holds: takes leases, keeps them, and gives each a lane. */
import type { Destination, Notice } from '../domain/destination.ts'
import { type DestinationHealth, released } from '../domain/destination-health.ts'
import { HELD_MAX_MS } from '../domain/schedule.ts'
import type { Lease, Store } from '../domain/store.ts'
import { Lane, type LaneDeps } from './lane.ts'
import { sendNotice, type Told } from './notices.ts'
import { Standing } from './standing.ts'
import { within } from './within.ts'

const LEASE_MS = 25_000
const HEARTBEAT_MS = 8_000
const POLL_MS = 2_000
/** A wall clock that differs this much from the monotonic one since the last look has jumped. */
const JUMP_MS = 1_000
const EXPIRE_EVERY_MS = 3_600_000
const EXPIRE_SLICE = 500
/** What is still under way this long after `stop` is cut off: within the 10 s a shutdown may take. */
const DRAIN_MS = 8_000
const GIVE_BACK_MS = 500

export type EngineDeps = Omit<LaneDeps, 'followClock'> & {
  readonly store: Store
  readonly id: string
  readonly destinations: readonly Destination[]
}

export type Engine = {
  /** Takes the leases and begins. Resolves when that was tried; what could not be taken is tried again. */
  start(): Promise<void>
  /** New deliveries for these destinations are in the store. */
  nudge(destinations: readonly string[]): void
  /** Staff changed a destination: looks at all of them now instead of at the next heartbeat. */
  refresh(): Promise<void>
  /** How a destination fares whose lease this engine holds, by the clock that holds now; undefined for any other. */
  healthOf(destination: string): DestinationHealth | undefined
  /** Sends words of our own to a destination that it serves, where it fails as the probe that is due; a test to any of its configuration. Undefined
   *  when that could not be. */
  tell(destination: string, notice: Notice): Promise<Told | undefined>
  /** Takes no more work, lets what is under way end, gives the leases back. Within 10 s. */
  stop(): Promise<void>
}

export const createEngine = (deps: EngineDeps): Engine => {
  const { store, clock, observer } = deps
  const lanes = new Map<string, Lane>()
  /** Lost their lease; what they have under way ends by itself. Not taken again before that: it would be sent twice. */
  const leaving = new Map<string, Lane>()
  /** Destinations whose waiting deliveries have not been compared yet with a clock that may have gone back. */
  const unchecked = new Set<string>()
  const byName = new Map(deps.destinations.map(destination => [destination.name, destination]))
  const standings = new Map(
    deps.destinations.map(({ name }) => [name, new Standing(clock, change => observer.stateChanged(name, change))]),
  )
  const cut = new AbortController()
  let cancelPoll = () => {}
  let polling: Promise<void> = Promise.resolve()
  let isStopped = false
  let renewedAt = clock.monotonic()
  let expiredAt = clock.monotonic()
  let offset = clock.now() - clock.monotonic()

  return {
    async start() {
      try {
        await share()
        await takeFree()
        await store.holdUnserved({ served: [...byName.keys()], now: clock.now() })
      } catch (error) {
        // A store that cannot write just now (a full disk) must not keep the service from saying so: it is tried again.
        observer.failed('take the leases', null, error)
      }
      schedule()
    },
    nudge(destinations) {
      for (const name of destinations) lanes.get(name)?.pump()
    },
    async refresh() {
      try {
        await renew()
      } catch (error) {
        observer.failed('look at what staff changed', null, error) // the next heartbeat looks again
      }
    },
    healthOf: destination => lanes.get(destination)?.health,
    async tell(destination, notice) {
      const lane = lanes.get(destination)
      if (lane) return lane.tell(notice)
      return notice.type === 'support.test' && !isStopped ? testBeside(destination, notice) : undefined
    },
    async stop() {
      isStopped = true
      cancelPoll()
      const all = [...lanes.values(), ...leaving.values()]
      const cancelCut = clock.after(DRAIN_MS, () => {
        for (const lane of all) lane.cutOff()
        cut.abort()
      })
      await Promise.all(all.map(lane => lane.drain()))
      cancelCut()
      // A store that hangs must not keep us: a lease that is not given back runs out.
      await within(GIVE_BACK_MS, clock, leaveAll())
      lanes.clear()
    },
  }

  /** Another engine serves it: what came of the test tells whoever asked, and changes nothing there. */
  async function testBeside(name: string, notice: Notice): Promise<Told | undefined> {
    const destination = byName.get(name)
    const stored = (await store.destinations()).find(each => each.name === name)
    if (!destination || (stored?.health.heldUntil ?? 0) > clock.now()) return undefined
    return sendNotice(deps, destination, notice, cut.signal)
  }

  async function leaveAll() {
    await Promise.all([polling, ...[...lanes.values()].map(giveBack)])
    try {
      await store.leave({ engine: deps.id })
    } catch (error) {
      // The others wait until we count as gone; it must not keep us from stopping.
      observer.failed('say that it leaves', null, error)
    }
  }

  /** Others may live beside us: what is theirs to serve they get once what is under way has ended. */
  async function share() {
    const request = { engine: deps.id, destinations: [...byName.keys()], forMs: LEASE_MS }
    for (const name of await store.join(request)) {
      const lane = lanes.get(name)
      if (!lane) continue
      lanes.delete(name)
      leaving.set(name, lane)
      void lane
        .drain()
        .then(() => giveBack(lane))
        .finally(() => leaving.delete(name))
    }
  }

  function schedule() {
    if (isStopped) return
    cancelPoll = clock.after(POLL_MS, () => {
      polling = poll().finally(schedule)
    })
  }

  async function poll() {
    try {
      followClock()
      await pullForward()
      if (clock.monotonic() - renewedAt >= HEARTBEAT_MS) await renew()
      if (!isStopped) await takeFree()
      if (clock.monotonic() - expiredAt >= EXPIRE_EVERY_MS) await expire()
    } catch (error) {
      observer.failed('keep the leases', null, error)
    }
    for (const lane of lanes.values()) lane.pump()
  }

  async function takeFree() {
    const wanted = [...byName.keys()].filter(name => !lanes.has(name) && !leaving.has(name))
    if (wanted.length === 0) return
    const asked = clock.monotonic()
    for (const lease of await store.takeLeases({ engine: deps.id, destinations: wanted, forMs: LEASE_MS })) {
      if (isStopped) await giveBack({ ...lease, name: lease.destination })
      else open(lease, asked + LEASE_MS)
    }
    await pullForward()
  }

  function open(lease: Lease, leaseUntil: number) {
    const name = lease.destination
    const [destination, standing] = [byName.get(name), standings.get(name)]
    if (!destination || !standing || lanes.has(name) || leaving.has(name)) return
    lanes.set(name, new Lane(destination, lease, leaseUntil, standing, { ...deps, followClock }))
    unchecked.add(name)
  }

  /** What could not be done now is done with the next poll. */
  async function pullForward() {
    for (const name of unchecked) {
      await store.pullForward({ destination: name, now: clock.now() })
      unchecked.delete(name)
      lanes.get(name)?.pump()
    }
  }

  async function renew() {
    const asked = clock.monotonic()
    const known = [...lanes]
    const held = new Map(
      (await store.renewLeases({ engine: deps.id, forMs: LEASE_MS })).map(lease => [lease.destination, lease]),
    )
    renewedAt = asked
    for (const [name, lane] of known)
      if (held.get(name)?.epoch !== lane.epoch && lanes.get(name) === lane) lose(name, lane)
    for (const lease of held.values()) {
      const lane = lanes.get(lease.destination)
      // One that was taken since we asked is told, too: staff may have paused it.
      if (lane?.epoch === lease.epoch) lane.renewed(lease, asked + LEASE_MS)
      // Taken, but the answer was lost: it would be ours, and served by nobody, for ever.
      else if (!isStopped) open(lease, asked + LEASE_MS)
    }
    if (!isStopped) await share()
  }

  /** Somebody else serves it now. What is under way ends, and what it brings is not recorded: the epoch forbids it. */
  function lose(name: string, lane: Lane) {
    lanes.delete(name)
    leaving.set(name, lane)
    observer.failed('keep a lease', name, new Error('the lease was taken over'))
    void lane.drain().finally(() => leaving.delete(name))
  }

  async function giveBack(lease: { name: string; epoch: number; lastSentAt: number | null }) {
    try {
      await store.giveBackLease({ destination: lease.name, epoch: lease.epoch, lastSentAt: lease.lastSentAt })
    } catch (error) {
      observer.failed('give a lease back', lease.name, error)
    }
  }

  function followClock() {
    const jumped = Math.round(clock.now() - clock.monotonic() - offset)
    if (Math.abs(jumped) < JUMP_MS) return
    offset += jumped
    observer.clockJumped(jumped)
    for (const standing of standings.values()) standing.shift(jumped)
    for (const name of lanes.keys()) unchecked.add(name)
  }

  /** Held for too long: ours, and those that nobody serves. */
  async function expire() {
    expiredAt = clock.monotonic()
    const before = clock.now() - HELD_MAX_MS
    const isOverdue = ({ heldSince }: DestinationHealth) => heldSince !== null && heldSince < before
    for (const lane of lanes.values())
      if (isOverdue(released(lane.health, clock.now()))) await giveUpOn(lane.name, lane.epoch, before)
    await store.holdUnserved({ served: [...byName.keys()], now: clock.now() })
    const unserved = (await store.destinations()).filter(
      ({ name, health, isNamedElsewhere }) => !byName.has(name) && !isNamedElsewhere && isOverdue(health),
    )
    const request = { engine: deps.id, destinations: unserved.map(({ name }) => name), forMs: LEASE_MS }
    for (const lease of await store.takeLeases(request)) {
      await giveUpOn(lease.destination, lease.epoch, before)
      await giveBack({ ...lease, name: lease.destination })
    }
  }

  async function giveUpOn(destination: string, epoch: number, before: number) {
    let count = EXPIRE_SLICE
    while (count === EXPIRE_SLICE) {
      count = await store.expireHeld({ destination, epoch, before, limit: EXPIRE_SLICE })
      if (count > 0) observer.expired(destination, count)
    }
  }
}
