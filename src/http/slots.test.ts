import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import test from 'node:test'
import { userSlots } from './slots.ts'

const answer = () => new ServerResponse(new IncomingMessage(new Socket()))

test('each user has so many slots, and gets one back when its answer has left or its connection is gone', () => {
  const slots = userSlots(2)
  const answers = [answer(), answer()]
  for (const each of answers) assert.equal(slots.take('ada', each), true)
  assert.equal(slots.take('ada', answer()), false)
  assert.equal(slots.take('grace', answer()), true)
  answers[0]?.emit('close')
  assert.equal(slots.take('ada', answer()), true)
  assert.equal(slots.take('ada', answer()), false)
})
