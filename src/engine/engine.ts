/** Serves the destinations whose leases it holds: takes leases, keeps them, and gives each a lane. */
import type { Destination } from '../domain/destination.ts'
import { HELD_MAX_MS } from '../domain/schedule.ts'
import type { Lease, Store } from '../domain/store.ts'
import { Lane, type LaneDeps } from './lane.ts'

export const LEASE_MS = 25_000
const HEARTBEAT_MS = 8_000
const POLL_MS = 2_000
/** A wall clock that differs this much from the monotonic one since the last look has jumped. */
const JUMP_MS = 1_000
const EXPIRE_EVERY_MS = 3_600_000
const EXPIRE_SLICE = 500
/** What is still under way this long after `stop` is cut off: within the 10 s a shutdown may take. */
const DRAIN_MS = 8_000

export type EngineDeps = LaneDeps & {
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
  /** Takes no more work, lets what is under way end, gives the leases back. Within 10 s. */
  stop(): Promise<void>
}

export const createEngine = (deps: EngineDeps): Engine => {
  const { store, clock, observer } = deps
  const lanes = new Map<string, Lane>()
  /** Lost their lease; what they have under way ends by itself. */
  const leaving = new Set<Lane>()
  const byName = new Map(deps.destinations.map(destination => [destination.name, destination]))
  let cancelPoll = () => {}
  let isStopped = false
  let renewedAt = clock.monotonic()
  let expiredAt = clock.monotonic()
  let offset = clock.now() - clock.monotonic()

  return {
    async start() {
      try {
        await takeFree()
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
    async stop() {
      isStopped = true
      cancelPoll()
      const all = [...lanes.values(), ...leaving]
      const cancelCut = clock.after(DRAIN_MS, () => {
        for (const lane of all) lane.cutOff()
      })
      await Promise.all(all.map(lane => lane.drain()))
      cancelCut()
      await Promise.all([...lanes.values()].map(giveBack))
      lanes.clear()
    },
  }

  function schedule() {
    if (!isStopped) cancelPoll = clock.after(POLL_MS, () => void poll().finally(schedule))
  }

  async function poll() {
    try {
      await followClock()
      if (clock.monotonic() - renewedAt >= HEARTBEAT_MS) await renew()
      if (lanes.size < byName.size && !isStopped) await takeFree()
      if (clock.monotonic() - expiredAt >= EXPIRE_EVERY_MS) await expire()
    } catch (error) {
      observer.failed('keep the leases', null, error)
    }
    for (const lane of lanes.values()) lane.pump()
  }

  async function takeFree() {
    const wanted = [...byName.keys()].filter(name => !lanes.has(name))
    const asked = clock.monotonic()
    for (const lease of await store.takeLeases({ engine: deps.id, destinations: wanted, forMs: LEASE_MS })) {
      await open(lease, asked + LEASE_MS)
    }
  }

  async function open(lease: Lease, leaseUntil: number) {
    const destination = byName.get(lease.destination)
    if (!destination) return
    await store.pullForward({ destination: lease.destination, now: clock.now() })
    const lane = new Lane(destination, lease, leaseUntil, deps)
    lanes.set(lease.destination, lane)
    lane.pump()
  }

  async function renew() {
    const asked = clock.monotonic()
    const held = new Map(
      (await store.renewLeases({ engine: deps.id, forMs: LEASE_MS })).map(lease => [lease.destination, lease]),
    )
    renewedAt = asked
    for (const [name, lane] of lanes) {
      const lease = held.get(name)
      if (lease?.epoch === lane.epoch) lane.renewed(lease, asked + LEASE_MS)
      else lose(name, lane)
    }
    // Taken, but the store failed before its lane was open: it would be ours, and served by nobody, for ever.
    for (const [name, lease] of held) if (!lanes.has(name) && !isStopped) await open(lease, asked + LEASE_MS)
  }

  /** Somebody else serves it now. What is under way ends, and what it brings is not recorded: the epoch forbids it. */
  function lose(name: string, lane: Lane) {
    lanes.delete(name)
    leaving.add(lane)
    observer.failed('keep a lease', name, new Error('the lease was taken over'))
    void lane.drain().finally(() => leaving.delete(lane))
  }

  async function giveBack(lane: Lane) {
    try {
      await store.giveBackLease({ destination: lane.destination.name, epoch: lane.epoch, lastSentAt: lane.lastSentAt })
    } catch (error) {
      observer.failed('give a lease back', lane.destination.name, error)
    }
  }

  async function followClock() {
    const jumped = Math.round(clock.now() - clock.monotonic() - offset)
    if (Math.abs(jumped) < JUMP_MS) return
    offset += jumped
    observer.clockJumped(jumped)
    for (const [name, lane] of lanes) {
      lane.shift(jumped)
      await store.pullForward({ destination: name, now: clock.now() })
    }
  }

  async function expire() {
    expiredAt = clock.monotonic()
    const before = clock.now() - HELD_MAX_MS
    for (const [destination, lane] of lanes) {
      if (lane.health.heldSince === null || lane.health.heldSince >= before) continue
      let count = EXPIRE_SLICE
      while (count === EXPIRE_SLICE) {
        count = await store.expireHeld({ destination, epoch: lane.epoch, before, limit: EXPIRE_SLICE })
        if (count > 0) observer.expired(destination, count)
      }
    }
  }
}
