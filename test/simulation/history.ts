/** One history from one seed: a storm of everything that can happen, then calm, in which all that waits must be delivered. */
import { balance, check, isAllSettled, settleAll } from './check.ts'
import type { Ground } from './disk.ts'
import { liveLong } from './long.ts'
import { MOODS } from './network.ts'
import { sqlite } from './store.ts'
import { World } from './world.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** When everything is well again, this is more than enough for what waits: an hour of backoff, and a wait that was stored before the clock
 *  was set back, which after a restart lasts longer by that much. */
const CALM_MS = 30 * HOUR

export type Told = {
  readonly lifetimes: number
  readonly sends: number
  readonly repeats: number
  readonly crashes: number
  /** Of what deliveries died. */
  readonly deaths: ReadonlySet<string>
  /** What rare trouble there was in it. */
  readonly met: readonly string[]
  /** The same for the same seed. */
  readonly trace: string
}

/** Plays the history of this seed. @throws with the first things that were found to be wrong */
export const play = async (seed: number, ground: Ground = sqlite): Promise<Told> => {
  const world = new World(seed, await ground.prepare())
  world.books.promptness.isKnown = !world.disk.canBeAway
  try {
    const isLong = ground.longEvery !== null && seed % ground.longEvery === 0
    await (isLong ? liveLong(world, seed) : live(world, seed, ground))
  } finally {
    await world.close()
  }
  const { time, books } = world
  const ends = [...books.entries.values()].map(({ attempts, state }) => `${attempts}${state[1]}`)
  return {
    lifetimes: world.tickets.size,
    sends: books.sends,
    repeats: books.repeats,
    crashes: world.crashes,
    deaths: books.deaths,
    met: [...world.disk.met].sort(),
    trace: `${books.sends} sends in ${time.monotonic()} ms: ${ends.join('')}`,
  }
}

const live = async (world: World, seed: number, { minutes, happenings }: Ground): Promise<void> => {
  const { chance, time, books } = world
  const stormEnds = chance.between(...minutes) * MINUTE
  const wanted = chance.between(...happenings)
  let isCalm = false

  for (let i = 0; i < wanted; i += 1) time.after(chance.below(stormEnds), happeningFrom(world))
  // The histories on a database are few: none of them is without its troubles.
  if (world.disk.canBeAway)
    for (const happen of [fail, goAway, freeze, crash]) time.after(chance.below(stormEnds), () => happen(world))
  for (let at = MINUTE; at < stormEnds; at += MINUTE) time.after(at, () => time.hold(balance(world)))
  // The worst moments: a success was heard and is not recorded yet.
  books.onHeard = life => {
    if (isCalm) return
    const moment = chance.fraction()
    if (moment < 0.005) time.after(chance.below(4), () => world.kill(life, chance.between(10, 5 * SECOND)))
    else if (moment < 0.01) time.after(chance.below(4), () => freeze(world, life))
  }
  // The next worst: staff pause while a wait that was asked for is on its way to the disk; then a crash.
  books.onAsked = (life, destination) => {
    if (isCalm || !chance.is(0.03)) return
    void world.steer(destination, 'PAUSED').then(() => world.steer(destination, 'OK'))
    time.after(chance.between(50, 500), () => world.kill(life, 10))
  }
  time.after(stormEnds, () => {
    isCalm = true
    become(world, FAIR)
    for (const name of world.names) world.network.moods.set(name, 'well')
  })

  await time.settled()
  for (let looksAt = stormEnds; await time.step(); ) {
    check(world, seed)
    if (!isCalm || time.monotonic() < looksAt) continue
    if (isAllSettled(world) || time.monotonic() > Math.max(stormEnds, world.lastStartAt) + CALM_MS) break
    looksAt = time.monotonic() + MINUTE
    // Staff look at what is paused, as often as it takes.
    for (const name of world.names) void world.steer(name, 'OK')
  }
  await settleAll(world, seed)
}

/** How often each happens, of about a hundred. */
const HAPPENINGS: readonly (readonly [weight: number, happen: (world: World) => void])[] = [
  [60, world => world.write()],
  [12, world => void world.comment()],
  [
    14,
    ({ network, chance, names }) => network.moods.set(chance.pick(names), chance.is(0.4) ? 'well' : chance.pick(MOODS)),
  ],
  [2, world => crash(world)],
  [1, world => void stop(world)],
  [4, world => pause(world)],
  [1, world => void world.replay(world.chance.pick(world.names))],
  [1, world => spoil(world, { stallMs: world.chance.between(100, 3_000) }, 10 * SECOND)],
  [1, world => fail(world)],
  [1, world => goAway(world)],
  [1, world => jump(world)],
  [2, world => freeze(world)],
]
const TOTAL = HAPPENINGS.reduce((sum, [weight]) => sum + weight, 0)

const happeningFrom = (world: World) => () => {
  let left = world.chance.fraction() * TOTAL
  for (const [weight, happen] of HAPPENINGS) {
    left -= weight
    if (left <= 0) return happen(world)
  }
}

const crash = (world: World): void => {
  const { chance } = world
  const life = world.someone()?.life
  // Mostly it is started again at once; now and then it stays down for days.
  if (life) world.kill(life, chance.is(0.9) ? chance.between(10, 5 * SECOND) : chance.between(1, 72) * HOUR)
}

const stop = async (world: World): Promise<void> => {
  const process = world.someone()
  if (process) await world.stop(process)
}

const pause = (world: World): void => {
  const { chance, time } = world
  const name = chance.pick(world.names)
  void world.steer(name, 'PAUSED')
  time.after(chance.between(SECOND, 3 * MINUTE), () => void world.steer(name, 'OK'))
}

const spoil = (world: World, how: Partial<World['weather']>, forMs: number): void => {
  const { time, chance } = world
  become(world, how)
  time.after(chance.between(SECOND, forMs), () => become(world, FAIR))
}

const fail = (world: World): void => spoil(world, { failing: 0.5 }, 20 * SECOND)
const goAway = (world: World): void => {
  if (world.disk.canBeAway) spoil(world, { isAway: true }, 40 * SECOND)
}

const FAIR = { stallMs: 0, failing: 0, isAway: false }
const become = ({ weather, disk, books }: World, how: Partial<World['weather']>): void => {
  Object.assign(weather, how)
  books.promptness.weather(how === FAIR)
  disk.changed()
}

const JUMPS = [-2 * HOUR, -MINUTE, MINUTE, 2 * HOUR, 7 * 24 * HOUR]
/** What waits for a clock that was set back is waited for in full, which on PostgreSQL costs a minute for each hour. */
const SHORT_JUMPS = [-5 * MINUTE, -MINUTE, MINUTE, 2 * HOUR, 7 * 24 * HOUR]
const jump = ({ time, chance, books, disk }: World): void => {
  time.jump(chance.pick(disk.canBeAway ? SHORT_JUMPS : JUMPS))
  books.jumped()
}

/** Only beside another process: alone it would be a crash that is survived. */
const freeze = (world: World, life = world.someone()?.life): void => {
  if (life && world.disk.isShared) world.freeze(life, world.chance.between(SECOND, 60 * SECOND))
}
