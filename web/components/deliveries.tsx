/** Where one ticket went: each delivery with its attempts, and the button that sends it again. */
import type { Attempt, Delivery } from '../../src/api/ticket.ts'
import { DeliveryMark, outcomeWords, reasonWords } from './delivery-words.tsx'
import { Icon } from './icon.tsx'
import { Moment, showDuration } from './moment.tsx'

/** Of one delivery; the first and how often it was tried stand there whatever is left out. */
const ATTEMPTS_SHOWN = 20

export const Deliveries = ({
  deliveries,
  eventWords,
  now,
}: {
  deliveries: readonly Delivery[]
  /** What the event is that was delivered. */
  eventWords: (eventId: string) => string
  now: number
}) => (
  <ol class="deliveries">
    {deliveries.map(delivery => (
      <li key={delivery.id}>
        <p class="head">
          <strong>{delivery.destination}</strong>
          <span class="faint">{eventWords(delivery.eventId)}</span>
          <DeliveryMark delivery={delivery} />
        </p>
        {delivery.reason !== null && delivery.state !== 'DELIVERED' && (
          <p class="small soft">
            {reasonWords(delivery.reason)} <span class="code faint">{delivery.reason}</span>
          </p>
        )}
        {delivery.state === 'DELIVERED' ? (
          <details>
            <summary>{delivery.attempts === 1 ? '1 attempt' : `${delivery.attempts} attempts`}</summary>
            <Attempts delivery={delivery} now={now} />
            <SendAgain delivery={delivery} />
          </details>
        ) : (
          <>
            <Attempts delivery={delivery} now={now} />
            {delivery.state === 'DEAD' && <SendAgain delivery={delivery} />}
          </>
        )}
      </li>
    ))}
  </ol>
)

const SendAgain = ({ delivery: { id, state, destination } }: { delivery: Delivery }) => (
  <button
    class="button small"
    type="submit"
    name="act"
    value={`${state === 'DEAD' ? 'replay-dead' : 'replay-delivered'}:${id}`}
  >
    <Icon name="retry" />
    Send again<span class="for-screen-readers"> to {destination}</span>
  </button>
)

const Attempts = ({ delivery: { log, attempts, nextAttemptAt }, now }: { delivery: Delivery; now: number }) => {
  const shown = log.slice(-ATTEMPTS_SHOWN)
  return (
    <ol class="attempts">
      {attempts > shown.length && (
        <li class="faint">{(attempts - shown.length).toLocaleString('en-GB')} earlier attempts are not shown</li>
      )}
      {shown.map(attempt => (
        <OneAttempt key={attempt.at} attempt={attempt} now={now} />
      ))}
      {nextAttemptAt !== null && (
        <li>
          {nextAttemptAt > now ? (
            <>
              Next attempt at <Moment at={nextAttemptAt} now={now} seconds />, if the destination takes anything
            </>
          ) : (
            'Due, as soon as the destination takes anything'
          )}
        </li>
      )}
    </ol>
  )
}

const OneAttempt = ({ attempt: { at, ms, outcome, status, excerpt }, now }: { attempt: Attempt; now: number }) => (
  <li>
    <Moment at={at} now={now} seconds /> · {outcomeWords(outcome)}
    {status !== null && ` (${status})`} <span class="faint">after {showDuration(ms)}</span>
    {excerpt && outcome !== 'DELIVERED' && (
      <pre class="code" dir="auto">
        {excerpt}
      </pre>
    )}
  </li>
)
