import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServer } from './server.ts'

test('in a crowd a ticket is turned away at once, with when to come back and a request id; other calls are not', async () => {
  let isCrowded = true
  let turnedAway = 0
  const answered: string[] = []
  const told: number[] = []
  let now = 0
  const app = createServer({
    messageMaxLength: 1_000,
    trustProxy: [],
    nextId: () => 'id-1',
    observer: { answered: ({ route }) => answered.push(route), failed: (_id, error) => assert.fail(String(error)) },
    crowd: {
      isCrowded: () => isCrowded,
      monotonic: () => now,
      onTurnedAway: () => (turnedAway += 1),
      onCrowd: count => told.push(count),
    },
  })
  app.post('/api/support/ticket', async () => 'stored')
  app.get('/livez', async () => 'alive')
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const post = () => fetch(`${address}/api//support/ticket`, { method: 'POST', body: 'x'.repeat(1_000) })
  try {
    for (let i = 0; i < 3; i += 1) {
      const answer = await post()
      assert.equal(answer.status, 503)
      const { why, errorCode } = await answer.json()
      assert.deepEqual([errorCode, /Keep your text/.test(why)], ['STORE_UNAVAILABLE', true])
      for (const [name, value] of [
        ['retry-after', '5'],
        ['job-id', 'id-1'],
        ['x-content-type-options', 'nosniff'],
        ['connection', 'keep-alive'],
      ] as const)
        assert.equal(answer.headers.get(name), value)
    }
    now = 1_000
    await post()
    assert.deepEqual([turnedAway, told], [4, [1, 3]])
    assert.equal((await fetch(`${address}/livez`)).status, 200)
    isCrowded = false
    assert.equal((await post()).status, 200)
    // Nobody keeps a line, or anything else, for each of those that were turned away.
    assert.deepEqual(answered, ['/livez', '/api/support/ticket'])
  } finally {
    await app.close()
  }
})
