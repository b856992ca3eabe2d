/** One message in the evaluation inbox: where, how it went, what chat would show, what was sent. */
import type { Json } from '../../src/api/ticket.ts'
import { Icon, type IconName } from './icon.tsx'
import { prettyJson } from './json.ts'
import { Moment, showDuration } from './moment.tsx'
import { SlackMessage } from './slack-message.tsx'

export type Landed = {
  /** Stays the same for as long as the message is shown; `version` grows with every attempt. */
  readonly key: string
  readonly version: number
  readonly destination: string
  /** Oldest first. `status` is null when we never answered. */
  readonly attempts: readonly { readonly at: number; readonly status: number | null }[]
  /** When the ticket was sent, if the delivery's id tells. */
  readonly sentAt: number | null
  /** The last that was received. */
  readonly payload: Json
  readonly bytes: number
}

export const LandedMessage = ({ landed, now }: { landed: Landed; now: number }) => {
  const { tone, icon, words } = statusOf(landed)
  return (
    <li data-key={landed.key} data-version={landed.version}>
      <div class="row small">
        <strong>#{landed.destination}</strong>
        <span class={`status tone-${tone}`}>
          <Icon name={icon} />
          {words}
        </span>
        <span class="faint end">
          <When landed={landed} now={now} />
        </span>
      </div>
      <SlackMessage payload={landed.payload} />
      <details class="disclosure">
        <summary>
          <Icon name="chevron" />
          What was sent
          <span class="faint">{summaryOf(landed)}</span>
        </summary>
        <div>
          {landed.attempts.length > 1 && <Tries landed={landed} now={now} />}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
          {/* biome-ignore lint/a11y/useSemanticElements: no set of fields, but something with a name */}
          <pre class="code" tabIndex={0} role="group" aria-label={`What was sent to ${landed.destination}`} dir="ltr">
            {prettyJson(landed.payload)}
          </pre>
        </div>
      </details>
    </li>
  )
}

const arrivals = (landed: Landed) => landed.attempts.filter(attempt => attempt.status === 200)

const statusOf = (landed: Landed): { tone: 'good' | 'wait'; icon: IconName; words: string } => {
  const first = landed.attempts.findIndex(attempt => attempt.status === 200)
  if (first < 0) return { tone: 'wait', icon: 'clock', words: 'Waiting, refused so far' }
  const times = arrivals(landed).length
  if (times > 1) return { tone: 'wait', icon: 'check', words: `Arrived ${times} times` }
  if (first === 0) return { tone: 'good', icon: 'check', words: 'Arrived' }
  return { tone: 'wait', icon: 'retry', words: `Arrived at ${ordinal(first + 1)}` }
}

const When = ({ landed, now }: { landed: Landed; now: number }) => {
  const arrivedAt = arrivals(landed)[0]?.at
  const firstAt = landed.attempts[0]?.at ?? now
  if (arrivedAt === undefined) {
    return (
      <>
        since <Moment at={firstAt} now={now} seconds />
      </>
    )
  }
  const refusedMs = arrivedAt - firstAt
  return (
    <>
      <Moment at={arrivedAt} now={now} seconds />
      {refusedMs > 0 && `, after ${showDuration(refusedMs)} of refusing`}
      {refusedMs <= 0 &&
        landed.sentAt !== null &&
        landed.sentAt <= arrivedAt &&
        `, ${showDuration(arrivedAt - landed.sentAt)} after it was sent`}
    </>
  )
}

const Tries = ({ landed, now }: { landed: Landed; now: number }) => (
  <ol class="tries">
    {landed.attempts.map(({ at, status }, index) => (
      <li key={index}>
        Attempt {index + 1}, <Moment at={at} now={now} seconds />: {answerWords(status)}
      </li>
    ))}
  </ol>
)

const summaryOf = (landed: Landed): string => {
  const size = landed.bytes < 1_000 ? `${landed.bytes} B` : `${(landed.bytes / 1_000).toFixed(1)} kB`
  const last = landed.attempts.at(-1)?.status ?? null
  if (landed.attempts.length === 1)
    return `POST, ${size}, ${last === null ? 'not answered' : `answered ${answerWords(last)}`}`
  const shown = landed.attempts.slice(-4).map(attempt => answerWords(attempt.status))
  return `${landed.attempts.length} attempts: ${landed.attempts.length > 4 ? '… ' : ''}${shown.join(', ')}`
}

const answerWords = (status: number | null): string =>
  status === null ? 'no answer' : status === 200 ? '200 ok' : String(status)

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth']
const ordinal = (count: number): string =>
  ordinals[count - 1] ? `the ${ordinals[count - 1]} attempt` : `attempt ${count}`
