/** A destination that writes to the users is given the created event only, whatever stands in the outbox. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { START } from '../../test/contracts/store/arrange.ts'
import { stage, status } from '../../test/support/engine-stage.ts'
import acknowledgement from '../destinations/acknowledgement.ts'
import type { Destination } from '../domain/destination.ts'

const receipts: Destination = {
  name: 'receipts',
  kind: acknowledgement,
  settings: { smtp: 'smtp://mail.example.org:25', from: 'support@example.org' },
  rate: null,
  concurrency: 1,
  timeoutMs: 15_000,
}

test('what staff said goes to no user, though the destination of this name was a chat when the ticket went there', async () => {
  const at = await stage([receipts], () => status(250, { command: 'MESSAGE' }, '250 queued'))
  const number = await at.accept(['receipts'])
  await at.clock.advance(1_000)
  const by = { username: 'Grace#1', name: 'Grace Hopper', staff: true }
  const item = { ticketNumber: number, message: 'Between us.', internal: false, status: null }
  const [added] = (await at.store.addEvents({ id: 'o-1', act: 'comment', by, at: START, items: [item] })) ?? []
  assert.deepEqual(added?.destinations, ['receipts'])
  at.engine.nudge(['receipts'])
  await at.clock.advance(1_000)
  assert.equal(at.sent.length, 1)
  const states = (await at.store.deliveries({ ticketNumber: number })).map(({ state, reason }) => [state, reason])
  assert.deepEqual(states, [
    ['DELIVERED', null],
    ['DEAD', 'nothing-to-send'],
  ])
  assert.equal((await at.health('receipts')).health.state, 'OK')
  await at.engine.stop()
})
