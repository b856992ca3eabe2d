/** A power cut takes nothing that was answered 200. The same with more answers and images: `npm run prove -- power`. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { whyNoTracing } from '../support/strace.ts'
import { audit } from './audit.ts'
import { crash } from './images.ts'
import type { Step } from './trace.ts'
import { checkpoints, type Flooded, flood } from './traced.ts'

const ANSWERS = 1_500
const IMAGES = 60
const skip = whyNoTracing()

let flooded: Flooded
before(async () => {
  if (!skip) flooded = await flood(ANSWERS)
})

test('every 200 follows the sync that covers its ticket', { skip }, () => {
  const { steps, told } = flooded
  const { answers, syncs, violations } = audit(steps, told)
  assert.deepEqual(violations, [])
  assert.ok(answers >= ANSWERS)
  assert.ok(syncs > 20, `${syncs} syncs: a flood of many rounds`)
})

test('whatever a power cut leaves of what was not synced, the store opens and holds every acknowledged ticket whole', {
  skip,
}, async () => {
  const { steps, told, dataFolder } = flooded
  assert.ok(checkpoints(steps) > 0, 'the log went over into the database between the answers')
  const images = await crash(steps, dataFolder, told, { count: IMAGES, seed: 1 })
  assert.deepEqual(images.failures, [])
  assert.equal(images.count, IMAGES)
  for (const kind of ['logUnsynced', 'checkpointing', 'partlyDelivered'] as const)
    assert.ok(images[kind] > IMAGES / 10, `${images[kind]} images: ${kind}`)
})

test('a disk that only says that it synced is found out', { skip }, async () => {
  const { steps, told, dataFolder } = flooded
  const isSyncOfLog = ({ happened }: Step) => happened.kind === 'sync' && happened.path.endsWith('-wal')
  const lying = steps.filter(step => !isSyncOfLog(step))
  assert.equal(audit(lying, told).violations.length, told.size)
  const { failures } = await crash(lying, dataFolder, told, { count: 10, seed: 1 })
  assert.ok(
    failures.some(failure => /answered 200 and is not there/.test(failure)),
    failures.join('\n'),
  )
})
