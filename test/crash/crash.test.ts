/** Killed at any moment under load, the service loses nothing that it said yes to, and repeats only what was under way. A thousand kills:
 *  `npm run prove -- crashes`. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { campaign, summary } from './campaign.ts'
import { quantile } from './verdict.ts'

const KILLS = 20

test(`${KILLS} kills at random moments under load: nothing acknowledged is missing, nothing is repeated that was recorded`, async t => {
  const seed = 1 + Math.floor(Math.random() * 1e6)
  const told = await campaign(seed, { kills: KILLS, acknowledged: 500 })
  t.diagnostic(`seed ${seed}: ${summary(told)}`)
  assert.deepEqual(told.violations.slice(0, 10), [], `seed ${seed}`)
  assert.equal(told.missing, 0)
  assert.ok(told.repeats.count > 0, `seed ${seed}: no kill met anything under way, so this run shows nothing`)
  // From exec it is 2 s by promise, which the proof looks at, alone on its machine. Beside other tests a start alone may wait that long for
  // a processor, so here only what comes after counts: nothing (a lease, a poll, a backoff) is waited for once it listens.
  const median = quantile(told.onceListening, 0.5)
  assert.ok(median <= 1_000, `seed ${seed}: the first delivery came ${median} ms after it listened`)
})
