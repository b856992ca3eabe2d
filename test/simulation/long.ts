/** A history of weeks, in which budgets run out. The service is up for a minute now and then, as on a machine that mostly sleeps: between that
 *  nothing happens that would have to be played, and a backoff is waited out as well. First days of moods that last for hours; then, in some, a
 *  month in which a destination is held; at last days in which all is well, but for texts that their receiver never takes. */
import { balance, check, isAllSettled, settleAll } from './check.ts'
import { FAULTY, FORBIDDEN, MOODS, type Mood } from './network.ts'
import type { World } from './world.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** As promised. */
const HELD_MAX_MS = 30 * DAY
/** A budget of 72 h, of which each hour costs about as much again: this is more than enough. */
const CALM_MS = 25 * DAY
/** What is held is looked at every hour: awake that long, and a little. */
const LOOKING_MS = 65 * MINUTE

export const liveLong = async (world: World, seed: number): Promise<void> => {
  await world.time.settled()
  let isOver = false
  const told = story(world).finally(() => {
    isOver = true
  })
  while (!isOver && (await world.time.step())) check(world, seed)
  await told
  await settleAll(world, seed)
}

/** Runs beside the events, for which it waits. */
const story = async (world: World): Promise<void> => {
  const { chance, time } = world
  const texts = [FAULTY, FORBIDDEN, FAULTY].slice(0, chance.between(1, 3))
  const stormEnds = chance.between(2, 4) * DAY
  while (time.monotonic() < stormEnds) {
    const upMs = chance.is(0.02) ? chance.between(5, 40) * MINUTE : chance.between(10, 60) * SECOND
    for (const happen of happenings(world, texts)) time.after(chance.below(upMs), happen)
    await wait(world, upMs)
    await sleep(world, chance.between(10, 90) * MINUTE)
  }
  for (const text of texts) world.write(text)
  await wait(world, 5 * SECOND)
  if (chance.is(0.3)) await month(world)

  for (const name of world.names) world.network.moods.set(name, 'well')
  const calmEnds = time.monotonic() + CALM_MS
  for (;;) {
    for (const name of world.names) void world.steer(name, 'OK')
    time.after(2 * SECOND, () => world.write('All is well.', world.names))
    await wait(world, chance.between(20, 40) * SECOND)
    if (isAllSettled(world) || time.monotonic() > calmEnds) return
    await sleep(world, chance.between(10, 70) * MINUTE)
  }
}

/** What happens while it is up once. */
const happenings = (world: World, texts: string[]): (() => void)[] => {
  const { chance, network, names } = world
  const name = chance.pick(names)
  const all: readonly (readonly [probability: number, happen: () => void])[] = [
    [0.5, () => world.write()],
    [0.2, () => void world.comment()],
    [0.25, () => network.moods.set(name, chance.is(0.4) ? 'well' : chance.pick(MOODS))],
    [0.03, () => void world.replay(name)],
    [0.03, () => void world.steer(name, 'PAUSED')],
    [0.15, () => void world.steer(name, 'OK')],
    [texts.length / 20, () => world.write(texts.pop())],
  ]
  return all.filter(([probability]) => chance.is(probability)).map(([, happen]) => happen)
}

/** A destination is held all the while: by staff, or because it fails. What waited before has to be given up, and nothing else. */
const month = async (world: World): Promise<void> => {
  const { chance, time, books, names } = world
  const name = chance.pick(names)
  const mood = chance.pick<Mood | 'paused'>(['paused', 'down', 'gone'])
  if (mood === 'paused') await world.steer(name, 'PAUSED')
  else world.network.moods.set(name, mood)
  world.write('Who reads this?', names)
  await wait(world, 2 * MINUTE)
  const from = time.monotonic()
  for (let isOver = false; !isOver; ) {
    await sleep(world, chance.between(8, 12) * DAY)
    world.write(undefined, names)
    isOver = time.monotonic() - from >= HELD_MAX_MS
    await wait(world, isOver || chance.is(0.2) ? LOOKING_MS : MINUTE)
  }
  for (const { id, destination, state, madeAt } of books.entries.values())
    if (destination === name && state === 'PENDING' && madeAt < from)
      books.blame(`${id} is still pending after a month in which its destination was held`)
}

const wait = ({ time }: World, ms: number): Promise<void> => new Promise(resolve => time.after(ms, resolve))

/** It is cut off, and started again so much later. */
const sleep = async (world: World, ms: number): Promise<void> => {
  world.time.hold(balance(world))
  world.killAll(ms)
  await wait(world, ms + SECOND)
}
