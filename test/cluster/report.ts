/** What a run tells its reader. */
import type { Verdict } from './verdict.ts'

/** One fault, as a sentence. */
export const line = (of: Verdict): string =>
  `${of.name}: ${count(of.acknowledged)} acknowledged, ${of.lost} lost, ${of.missing} deliveries missing, ${of.repeated} repeated, ` +
  `nothing acknowledged for ${seconds(of.outage)}, ${count(of.turnedAway)} answers of 503 (${of.unknown} not known), slowest answer ${seconds(of.slowest)}, ` +
  `delivered ${seconds(of.late)} later at most, whole again after ${seconds(of.whole)}`

const COLUMNS: readonly (readonly [string, (of: Verdict) => string])[] = [
  ['fault', of => of.name],
  ['acknowledged', of => count(of.acknowledged)],
  ['lost', of => count(of.lost)],
  ['deliveries missing', of => count(of.missing)],
  ['repeated', of => count(of.repeated)],
  ['nothing acknowledged for', of => seconds(of.outage)],
  ['slowest answer', of => seconds(of.slowest)],
  ['delivered later at most', of => seconds(of.late)],
]

/** All faults, as docs/guarantees.md shows them. */
export const table = (verdicts: readonly Verdict[]): string =>
  [
    COLUMNS.map(([title]) => title),
    COLUMNS.map(() => '---'),
    ...verdicts.map(of => COLUMNS.map(([, show]) => show(of))),
  ]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')

const count = (value: number): string => value.toLocaleString('en')
const seconds = (value: number): string => `${value.toFixed(1)} s`
