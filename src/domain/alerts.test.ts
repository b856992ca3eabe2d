import assert from 'node:assert/strict'
import test from 'node:test'
import { alertText, isDue, mattersOf } from './alerts.ts'
import { type DestinationHealth, newHealth } from './destination-health.ts'
import type { StoredDestination } from './store.ts'

const NOW = 1_764_028_800_000
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const destination = (health: Partial<DestinationHealth>, more: Partial<StoredDestination> = {}): StoredDestination => ({
  name: 'support',
  health: { ...newHealth, ...health },
  pending: 3,
  dead: 0,
  died: 0,
  oldestPendingAt: NOW - DAY,
  isNamedElsewhere: false,
  isNotedUnserved: false,
  lastDeliveredAt: null,
  ...more,
})
const since = (ms: number) => ({ heldSince: NOW - ms })

for (const [what, stored, isConfigured, keys] of [
  ['all is well', destination({}), true, []],
  ['deliveries died', destination({}, { dead: 2, died: 5 }), true, ['dead']],
  ['they were all replayed before anybody looked', destination({}, { dead: 0, died: 5 }), true, []],
  ['failing for less than 5 minutes', destination({ state: 'FAILING', ...since(5 * MINUTE - 1) }), true, []],
  ['failing for 5 minutes', destination({ state: 'FAILING', ...since(5 * MINUTE) }), true, ['failing']],
  ['failing for a day', destination({ state: 'FAILING', ...since(DAY) }), true, ['failing', 'held']],
  ['paused by answers', destination({ state: 'PAUSED', reason: 'x', ...since(5 * MINUTE) }), true, ['failing']],
  ['paused by staff', destination({ state: 'PAUSED', reason: 'paused-by-staff', ...since(DAY - 1) }), true, []],
  [
    'paused by staff for a day',
    destination({ state: 'PAUSED', reason: 'paused-by-staff', ...since(DAY) }),
    true,
    ['held'],
  ],
  [
    'held for a day and nothing waits',
    destination({ state: 'PAUSED', reason: 'paused-by-staff', ...since(DAY) }, { pending: 0 }),
    true,
    [],
  ],
  ['told to wait for a day', destination({ heldUntil: NOW + 1, ...since(DAY) }), true, ['held']],
  ['a wait that is over', destination({ heldUntil: NOW, ...since(DAY) }), true, []],
  ['gone from the configuration', destination(since(DAY)), false, ['held']],
  ['gone for less than a day', destination(since(DAY - 1)), false, []],
  ['gone while it failed: nobody tries it', destination({ state: 'FAILING', ...since(5 * MINUTE) }), false, []],
  ['a wait of more than a day', destination({ waitCutAt: NOW - 1 }), true, ['wait-cut']],
] as const) {
  test(`${what}: ${keys.join(', ') || 'nothing to announce'}`, () => {
    assert.deepEqual(
      mattersOf(stored, isConfigured, NOW).map(({ kind }) => kind),
      keys,
    )
  })
}

for (const [what, last, expected] of [
  ['never announced', undefined, true],
  ['announced already', { mark: 7, at: NOW - DAY }, false],
  ['another time of it within the hour', { mark: 6, at: NOW - 60 * MINUTE + 1 }, false],
  ['another time of it after an hour', { mark: 6, at: NOW - 60 * MINUTE }, true],
  ['another time of it, and the clock was set back by a day', { mark: 6, at: NOW + DAY }, true],
] as const) {
  test(`a matter that was ${what} is ${expected ? '' : 'not '}due`, () => {
    const matter = { kind: 'dead', key: 'support/dead', mark: 7 } as const
    assert.equal(isDue(matter, last && { matter: 'support/dead', ...last }, NOW), expected)
  })
}

for (const [stored, expected] of [
  [
    destination({}, { dead: 2, died: 5 }),
    /^Support Relay gave up 2 deliveries to support\n2 there are given up by now: too-big \(2\)\. What the service answered is shown by: support-relay deliveries --destination support --state DEAD\. They are kept, .*replay --destination support$/,
  ],
  [
    destination({ state: 'FAILING', reason: 'http-404', ...since(5 * MINUTE) }),
    /^Support Relay cannot deliver to support: http-404\nSince 2025-11-24 23:55 UTC\. 3 deliveries wait for it; nothing is lost\. They go out by themselves once it answers\. There is nothing at the address: .*Copy it anew/,
  ],
  [
    destination({ state: 'PAUSED', reason: 'paused-by-staff', ...since(DAY) }),
    /for a day: paused-by-staff\nSince 2025-11-24 00:00 UTC/,
  ],
  [
    destination({ waitCutAt: NOW, heldUntil: NOW + DAY }, { pending: 1 }),
    /^support asked .* more than a day\n.* tried again at 2025-11-26 00:00 UTC\. 1 delivery waits/,
  ],
] as const) {
  const [matter] = mattersOf(stored, true, NOW)
  test(`what is said of "${matter?.kind}" names what happened, what waits and what to do`, () => {
    assert.ok(matter)
    const { headline, text } = alertText(matter, stored, {
      last: { matter: matter.key, at: 0, mark: 1 },
      reasons: [{ reason: 'too-big', count: 2 }],
      isConfigured: true,
    })
    assert.match(`${headline}\n${text}`, expected)
  })
}

test('many that were given up alike point at the settings of the destination', () => {
  const matter = { kind: 'dead', key: 'support/dead', mark: 12 } as const
  const textFor = (count: number) =>
    alertText(matter, destination({}, { dead: count, died: 12 }), {
      last: undefined,
      reasons: [{ reason: 'http-422', count }],
      isConfigured: true,
    }).text
  assert.match(textFor(5), /http-422 \(5\)\. .*a setting of the destination is more likely wrong/)
  assert.doesNotMatch(textFor(4), /setting/)
})
