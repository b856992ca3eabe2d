/** The same promises when the process is killed: twenty histories on the real program, each cut off by SIGKILL in mid-flood. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { configurationFor, home, post, type Running, token } from '../support/service.ts'

const HOMES = 4
const KILLS_EACH = 5
const KEYS = 15
const LIMIT = 8

let receiver: Receiver
before(async () => {
  receiver = await startReceiver()
})
after(() => receiver.close())

/** Park and Miller's generator: the same history for the same seed. */
const randomFrom = (seed: number) => {
  let state = seed
  return (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

type Plan = { readonly user: string; readonly key: string; readonly body: object }
type Told = {
  readonly status: number
  readonly reference: string | null
  readonly id: string | null
  readonly errorCode: string | null
}

const send = async (at: Running, { user, key, body }: Plan): Promise<Told | 'cut off'> => {
  try {
    const answer = await post(at.address, body, {
      authorization: `Bearer ${token({ sub: user })}`,
      'idempotency-key': key,
    })
    const text = await answer.text()
    const { headers, status } = answer
    return {
      status,
      reference: headers.get('ticket-reference'),
      id: headers.get('ticket-id'),
      errorCode: JSON.parse(text).errorCode ?? null,
    }
  } catch {
    return 'cut off'
  }
}

const storedOf = async (at: Running, user: string): Promise<string[]> => {
  const answer = await fetch(`${at.address}/api/support/browse?itemsPerPage=1000`, {
    headers: { authorization: `Bearer ${token({ sub: user })}` },
  })
  return (await answer.json()).items.map(({ id }: { id: string }) => id)
}

/** Sends everything at once, each key up to three times; kills after so many answers; sends everything again. */
const history = async (first: Running, start: () => Promise<Running>, seed: number): Promise<Running> => {
  const random = randomFrom(seed)
  const users = [`kept-${seed}`, `often-${seed}`]
  const plans: Plan[] = Array.from({ length: KEYS }, (_, i) => {
    const user = users[i % 3 === 0 ? 0 : 1] ?? ''
    return { user, key: `key-${i}`, body: { message: `${seed} ${i}` } }
  })
  const flood = plans.flatMap(plan => Array.from({ length: 1 + random(3) }, () => plan)).sort(() => random(3) - 1)
  const killAfter = 1 + random(flood.length)

  const told = new Map<string, Told>()
  let answers = 0
  let killed: Promise<unknown> | undefined
  await Promise.all(
    flood.map(async plan => {
      const answer = await send(first, plan)
      if (answer === 'cut off') return
      answers += 1
      if (answers === killAfter) killed = first.end('SIGKILL')
      if (answer.status === 200) told.set(plan.key, answer)
    }),
  )
  killed ??= first.end('SIGKILL')
  await killed

  const second = await start()
  const again = new Map<string, Told>()
  for (const plan of [...plans, ...plans]) {
    const answer = await send(second, plan)
    assert.ok(answer !== 'cut off')
    const before = told.get(plan.key) ?? again.get(plan.key)
    if (before?.status === 200)
      assert.deepEqual([answer.status, answer.reference, answer.id], [200, before.reference, before.id], `seed ${seed}`)
    again.set(plan.key, answer)
  }
  for (const user of users) {
    const accepted = plans
      .filter(({ user: writer, key }) => writer === user && again.get(key)?.status === 200)
      .map(({ key }) => again.get(key)?.id)
    const refused = plans.filter(({ user: writer, key }) => writer === user && again.get(key)?.status !== 200)
    assert.deepEqual(
      (await storedOf(second, user)).toSorted(),
      accepted.toSorted(),
      `seed ${seed}: no ticket lost, none twice`,
    )
    assert.equal(
      accepted.length,
      Math.min(LIMIT, accepted.length + refused.length),
      `seed ${seed}: the limit counts what is stored`,
    )
    for (const { key } of refused) assert.equal(again.get(key)?.errorCode, 'RATE_LIMITED')
  }
  const other = await send(second, { ...(plans[0] ?? assert.fail()), body: { message: 'another' } })
  assert.deepEqual(other !== 'cut off' && [other.status, other.errorCode], [422, 'KEY_REUSED'])
  return second
}

for (let nth = 0; nth < HOMES; nth += 1) {
  test(`after a kill each key has its one ticket, and the limit its count (histories ${nth * KILLS_EACH + 1} to ${(nth + 1) * KILLS_EACH})`, async () => {
    const at = home(configurationFor(receiver.url, `limits: { ticketsPerUserPerHour: ${LIMIT} }`))
    try {
      let running = await at.start()
      for (let i = 0; i < KILLS_EACH; i += 1) running = await history(running, at.start, 1 + nth * KILLS_EACH + i)
    } finally {
      await at.dispose()
    }
  })
}
