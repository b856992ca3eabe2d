/** The places that tickets go to, how each fares, and staff's hand on them. */
import type { DestinationView } from '../../src/api/ticket.ts'
import { DestinationMark, reasonWords } from './delivery-words.tsx'
import { Icon } from './icon.tsx'
import { Moment } from './moment.tsx'

type DestinationsProps = {
  readonly destinations: readonly DestinationView[]
  /** What to do about those in trouble, by name. */
  readonly advice: ReadonlyMap<string, string>
  readonly now: number
}

export const Destinations = ({ destinations, advice, now }: DestinationsProps) => (
  <ul class="destinations">
    {destinations.map(destination => (
      <li key={destination.name} class={destination.state === 'OK' ? undefined : 'troubled'}>
        <h3>
          {destination.name} {destination.kind && <span class="faint">{destination.kind}</span>}
        </h3>
        <DestinationMark state={destination.state} />
        <Facts destination={destination} advice={advice.get(destination.name)} now={now} />
        <Actions destination={destination} />
      </li>
    ))}
  </ul>
)

type FactsProps = { destination: DestinationView; advice: string | undefined; now: number }

const Facts = ({ destination, advice, now }: FactsProps) => {
  const { state, reason, pending, dead, oldestPendingAt, nextAttemptAt, lastDeliveredAt } = destination
  return (
    <div class="facts-line">
      {state === 'NOT_CONFIGURED' && (
        <p>
          What is left for it waits until it is in the configuration again, or is sent elsewhere with{' '}
          <span class="code">support-relay replay</span>.
        </p>
      )}
      {reason !== null && (
        <p>
          {reasonWords(reason)} <span class="code faint">{reason}</span>
        </p>
      )}
      {advice !== undefined && <p>{advice}</p>}
      <p class="faint">
        {pending === 0 ? 'Nothing waits' : `${pending.toLocaleString('en-GB')} waiting`}
        {oldestPendingAt !== null && (
          <>
            , the oldest since <Moment at={oldestPendingAt} now={now} />
          </>
        )}
        {dead > 0 && <span class="bad"> · {dead.toLocaleString('en-GB')} given up</span>}
        {' · '}
        {lastDeliveredAt === null ? (
          'nothing delivered yet'
        ) : (
          <>
            last delivered <Moment at={lastDeliveredAt} now={now} />
          </>
        )}
        {nextAttemptAt !== null && nextAttemptAt > now && (
          <>
            {' · '}next attempt <Moment at={nextAttemptAt} now={now} seconds />
          </>
        )}
      </p>
    </div>
  )
}

const Actions = ({ destination: { name, state, dead } }: { destination: DestinationView }) => (
  <form class="row" action="/console" method="post">
    <input type="hidden" name="name" value={name} autocomplete="off" />
    {state !== 'NOT_CONFIGURED' && (
      <>
        {state === 'PAUSED' ? (
          <Act act="resume" words="Resume" name={name} />
        ) : (
          <Act act="pause" words="Pause" name={name} icon="pause" />
        )}
        <Act act="test" words="Send a test" name={name} icon="send" />
      </>
    )}
    {dead > 0 && state !== 'NOT_CONFIGURED' && (
      <Act act="replay" words={`Send ${dead.toLocaleString('en-GB')} again`} name={name} icon="retry" />
    )}
  </form>
)

type ActProps = { act: string; words: string; name: string; icon?: 'pause' | 'send' | 'retry' }

const Act = ({ act, words, name, icon }: ActProps) => (
  <button class="button small" type="submit" name="act" value={act}>
    {icon && <Icon name={icon} />}
    {words}
    <span class="for-screen-readers">: {name}</span>
  </button>
)
