import assert from 'node:assert/strict'
import { accepted, DAY, dueNow, HOUR, keyed, type Open, START, storeTest, ticket } from './arrange.ts'

export const idempotencyCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `key: ${what}`, run)

  it('the same key and fingerprint give the first ticket again', async store => {
    const first = await accepted(store, { idempotency: keyed('k') })
    const again = await store.accept(ticket({ idempotency: keyed('k'), createdAt: START + HOUR }))
    assert.deepEqual(again, { ...first, repeated: true })
    assert.equal((await dueNow(store)).length, 1)
  })

  it('the same key with another fingerprint is refused and stores nothing', async store => {
    await accepted(store, { idempotency: keyed('k') })
    const other = ticket({ idempotency: keyed('k', 9) })
    assert.deepEqual(await store.accept(other), { outcome: 'key-reused' })
    assert.equal(await store.ticket({ id: other.id }), undefined)
  })

  it('a key belongs to its user', async store => {
    const one = await accepted(store, { idempotency: keyed('k'), username: 'one' })
    const two = await accepted(store, { idempotency: keyed('k'), username: 'two' })
    assert.notEqual(one.number, two.number)
    assert.equal(two.repeated, false)
  })

  it('keys differ by case and by every character', async store => {
    const results = [
      await accepted(store, { idempotency: keyed('k') }),
      await accepted(store, { idempotency: keyed('K') }),
    ]
    assert.deepEqual(
      results.map(({ repeated }) => repeated),
      [false, false],
    )
  })

  it('equal tickets sent at the same time make one', async store => {
    const results = await Promise.all(Array.from({ length: 100 }, () => accepted(store, { idempotency: keyed('k') })))
    assert.equal(new Set(results.map(({ number }) => number)).size, 1)
    assert.equal(results.filter(({ repeated }) => !repeated).length, 1)
    assert.equal((await dueNow(store)).length, 1)
  })

  it('a repetition costs nothing of the limit and is answered when the limit is spent', async store => {
    const first = await accepted(store, { idempotency: keyed('k'), limitPerHour: 1 })
    assert.equal((await store.accept(ticket({ limitPerHour: 1 }))).outcome, 'limited')
    assert.deepEqual(await store.accept(ticket({ idempotency: keyed('k'), limitPerHour: 1 })), {
      ...first,
      repeated: true,
    })
  })

  it('a ticket that the limit refused leaves its key free', async store => {
    await accepted(store, { limitPerHour: 1 })
    assert.equal((await store.accept(ticket({ idempotency: keyed('k'), limitPerHour: 1 }))).outcome, 'limited')
    const later = await accepted(store, { idempotency: keyed('k'), limitPerHour: 1, createdAt: START + HOUR })
    assert.equal(later.repeated, false)
  })

  it('a key is remembered for 7 days less a millisecond, and then forgotten', async store => {
    const first = await accepted(store, { idempotency: keyed('k') })
    const before = await accepted(store, { idempotency: keyed('k'), createdAt: START + 7 * DAY - 1 })
    assert.equal(before.number, first.number)
    const after = await accepted(store, { idempotency: keyed('k', 9), createdAt: START + 7 * DAY })
    assert.notEqual(after.number, first.number)
  })

  it('a key is remembered over a restart', async (store, opened) => {
    const first = await accepted(store, { idempotency: keyed('k') })
    const again = await opened.reopen()
    assert.deepEqual(await again.accept(ticket({ idempotency: keyed('k') })), { ...first, repeated: true })
  })

  it('after it ran out, a key belongs to the newest ticket that came with it', async store => {
    await accepted(store, { idempotency: keyed('k') })
    const second = await accepted(store, { idempotency: keyed('k', 9), createdAt: START + 8 * DAY })
    const again = await accepted(store, { idempotency: keyed('k', 9), createdAt: START + 9 * DAY })
    assert.equal(again.number, second.number)
  })

  it('a key is found among many tickets of its user, and of others', async store => {
    const first = await accepted(store, { idempotency: keyed('k'), limitPerHour: 1_000 })
    await Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        accepted(store, { username: i % 2 ? 'Ada#1234' : 'Bob#1', idempotency: keyed(`k-${i}`), limitPerHour: 1_000 }),
      ),
    )
    assert.equal((await accepted(store, { idempotency: keyed('k'), limitPerHour: 1_000 })).number, first.number)
  })
}
