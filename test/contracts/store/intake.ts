import assert from 'node:assert/strict'
import { accepted, dueNow, type Open, START, storeTest, ticket } from './arrange.ts'

export const intakeCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `intake: ${what}`, run)

  it('an accepted ticket can be read back whole, by number and by id', async store => {
    const given = ticket()
    const result = await store.accept(given)
    assert.equal(result.outcome, 'accepted')
    const { destinations, limitPerHour, idempotency, ...kept } = given
    assert.deepEqual(await store.ticket({ id: given.id }), { ...kept, number: 1, status: 'RECEIVED' })
    assert.deepEqual(await store.ticket({ number: 1 }), { ...kept, number: 1, status: 'RECEIVED' })
  })

  it('the id is found in capital letters too', async store => {
    const { id } = await accepted(store)
    assert.equal((await store.ticket({ id: id.toUpperCase() }))?.id, id)
  })

  it('what does not exist is undefined: a number, an id, a text that is no id', async store => {
    assert.equal(await store.ticket({ number: 99 }), undefined)
    assert.equal(await store.ticket({ id: '0199aaaa-bbbb-7fff-8000-ffffffffffff' }), undefined)
    assert.equal(await store.ticket({ id: "' or 1=1" }), undefined)
  })

  it('numbers grow by one in the order of acceptance', async store => {
    const results = await Promise.all(Array.from({ length: 5 }, () => accepted(store)))
    assert.deepEqual(
      results.map(({ number }) => number),
      [1, 2, 3, 4, 5],
    )
  })

  it('every destination gets one pending delivery of the created event, due at once', async store => {
    const { number } = await accepted(store, { destinations: ['a', 'b', 'c'] })
    const deliveries = await store.deliveries({ ticketNumber: number })
    assert.deepEqual(
      deliveries.map(({ progress }) => progress.destination),
      ['a', 'b', 'c'],
    )
    for (const { progress, state, log } of deliveries) {
      assert.equal(state, 'PENDING')
      assert.deepEqual([progress.eventNumber, progress.attempts, progress.nextAttemptAt, log], [1, 0, START, []])
    }
  })

  it('a ticket without any destination is kept', async store => {
    const { number } = await accepted(store, { destinations: [] })
    assert.equal((await store.ticket({ number }))?.message, 'It broke.')
    assert.deepEqual(await store.deliveries({ ticketNumber: number }), [])
  })

  it('what is absent comes back as null or empty', async store => {
    const { number } = await accepted(store, {
      type: null,
      project: null,
      projects: [],
      context: null,
      technical: { requestId: 'r', userAgent: null },
      user: { username: 'x', role: 'ADMIN', name: null, email: null, organization: null },
    })
    const stored = await store.ticket({ number })
    assert.deepEqual([stored?.type, stored?.project, stored?.projects, stored?.context], [null, null, [], null])
    assert.deepEqual(stored?.user, { username: 'x', role: 'ADMIN', name: null, email: null, organization: null })
  })

  const texts = {
    emoji: '👩‍👩‍👧 zoë',
    quotes: `'"\\;--`,
    'line breaks': 'a\nb\r\nc\u2028d',
    'replacement characters': '\ufffd\ufffd',
    'right to left': '\u202eabc\u202c',
    'a long text': 'ü'.repeat(524_288),
  }
  for (const [what, message] of Object.entries(texts)) {
    it(`text is kept as it is: ${what}`, async store => {
      const { number } = await accepted(store, { message, subject: message.slice(0, 100) })
      const stored = await store.ticket({ number })
      assert.equal(stored?.message, message)
      assert.equal(stored?.subject, message.slice(0, 100))
    })
  }

  it('the same ticket sent again after an unknown outcome is the same ticket', async store => {
    const given = ticket()
    const first = await store.accept(given)
    assert.deepEqual(await store.accept(given), first)
    assert.equal((await dueNow(store)).length, 1)
  })

  it('the same ticket sent again is not refused by the limit it reached itself', async store => {
    const given = ticket({ limitPerHour: 1 })
    const first = await store.accept(given)
    assert.deepEqual(await store.accept(given), first)
  })

  it('many tickets at once are all stored, each with its own deliveries', async store => {
    const results = await Promise.all(Array.from({ length: 700 }, (_, i) => accepted(store, { username: `user-${i}` })))
    assert.equal(new Set(results.map(({ number }) => number)).size, 700)
    assert.equal((await store.due({ destination: 'archive', now: START, limit: 1_000 })).deliveries.length, 700)
  })

  it('what was accepted is there after a restart, deliveries included', async (store, opened) => {
    const { number, id } = await accepted(store)
    const again = await opened.reopen()
    assert.equal((await again.ticket({ number }))?.id, id)
    assert.equal((await dueNow(again)).length, 1)
  })

  it('the key of the references stays the same over a restart', async (store, opened) => {
    const before = Buffer.from(store.keys.reference).toString('hex')
    const again = await opened.reopen()
    assert.ok(before.length >= 32)
    assert.equal(Buffer.from(again.keys.reference).toString('hex'), before)
  })

  it('the next number after a restart follows the last', async (store, opened) => {
    await accepted(store)
    const again = await opened.reopen()
    assert.equal((await accepted(again)).number, 2)
  })
}
