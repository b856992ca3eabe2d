/** Syncs that fail now and then, in the kernel's worst manner: what they should have covered is forgotten, and the next sync says that all is well. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { audit } from '../power/audit.ts'
import { crash } from '../power/images.ts'
import { flood } from '../power/traced.ts'
import { whyNoTracing } from '../support/strace.ts'

const skip = whyNoTracing()
const ANSWERS = 400

test('after a sync that failed nothing is acknowledged that rests on it, whatever a power cut then leaves', {
  skip,
}, async t => {
  const { steps, told, dataFolder } = await flood(ANSWERS, 'fsync,fdatasync:error=EIO:when=20+13')
  const failed = steps.filter(({ happened, phase }) => happened.kind === 'sync' && phase === 'failed').length
  assert.ok(failed >= 3, `${failed} syncs failed`)
  assert.deepEqual(audit(steps, told).violations, [])
  const { failures, count } = await crash(steps, dataFolder, told, { count: 40, seed: 1 })
  assert.deepEqual(failures, [])
  t.diagnostic(`${told.size} answers, ${failed} failed syncs, ${count} images`)
})
