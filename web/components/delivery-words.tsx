/** How deliveries and destinations fare, in words for staff: a stable code of the API becomes a sentence here, and nowhere else. */
import type { Attempt, Delivery, DestinationState, DestinationView } from '../../src/api/ticket.ts'
import { Icon, type IconName } from './icon.tsx'

type Mark = { readonly icon: IconName; readonly words: string; readonly tone: string }

const deliveryMark = ({ state, attempts }: Pick<Delivery, 'state' | 'attempts'>): Mark => {
  if (state === 'DELIVERED') return { icon: 'check', words: 'Delivered', tone: 'tone-good' }
  if (state === 'DEAD') return { icon: 'dead', words: 'Gave up', tone: 'tone-bad' }
  return attempts > 0
    ? { icon: 'retry', words: 'Trying again', tone: 'tone-wait' }
    : { icon: 'received', words: 'Waiting', tone: '' }
}

export const DeliveryMark = ({ delivery }: { delivery: Pick<Delivery, 'state' | 'attempts'> }) => (
  <Marked mark={deliveryMark(delivery)} />
)

/** The same beside the destination's name; what is well needs no more than the tick to be seen. */
export const DeliveryChip = ({ delivery }: { delivery: Pick<Delivery, 'state' | 'attempts' | 'destination'> }) => {
  const { icon, words, tone } = deliveryMark(delivery)
  return (
    <span class={`status ${tone}`}>
      <Icon name={icon} />
      <span>
        {delivery.destination}
        <span class={delivery.state === 'DELIVERED' ? 'for-screen-readers' : undefined}>: {words.toLowerCase()}</span>
      </span>
    </span>
  )
}

const destinationMarks: Readonly<Record<DestinationState, Mark>> = {
  OK: { icon: 'check', words: 'Working', tone: 'tone-good' },
  FAILING: { icon: 'dead', words: 'Failing', tone: 'tone-bad' },
  PAUSED: { icon: 'pause', words: 'Paused', tone: 'tone-wait' },
  NOT_CONFIGURED: { icon: 'warn', words: 'Not in the configuration', tone: 'tone-bad' },
}

export const DestinationMark = ({ state }: Pick<DestinationView, 'state'>) => <Marked mark={destinationMarks[state]} />

const Marked = ({ mark: { icon, words, tone } }: { mark: Mark }) => (
  <span class={`status ${tone}`}>
    <Icon name={icon} />
    {words}
  </span>
)

const outcomes: Readonly<Record<Attempt['outcome'], string>> = {
  DELIVERED: 'Taken',
  RETRY: 'No luck, tried again',
  REFUSED: 'The text was refused',
  UNAVAILABLE: 'The place cannot take anything',
  UNCLEAR: 'No clear yes',
}

export const outcomeWords = (outcome: Attempt['outcome']): string => outcomes[outcome]

const reasons: Readonly<Record<string, string>> = {
  'address-not-allowed': 'Its address lies in a network that the configuration does not allow.',
  'budget-spent': 'It was tried for 72 hours of waiting.',
  certificate: 'Its certificate cannot be trusted.',
  'connection-refused': 'Nothing takes connections at its address.',
  'connection-reset': 'It broke the connection off.',
  'cut-off': 'Its answer broke off.',
  dns: 'The name of its address cannot be found.',
  erased: 'The person asked for their texts to be erased.',
  'held-too-long': 'It could not be sent for 30 days.',
  internal: 'A mistake of ours: the message could not be made. The log says more.',
  moved: 'It was sent to another destination instead.',
  'nothing-to-send': 'There was nothing left to send.',
  'paused-by-staff': 'Somebody of the staff paused it.',
  protocol: 'It does not answer as a web server should.',
  redirect: 'It sends us on to another address, which we do not follow.',
  timeout: 'It did not answer in time.',
  tls: 'No encrypted connection could be made.',
  unreachable: 'Its address cannot be reached.',
  'slack-channel-is-archived': 'Slack says that the channel is archived.',
  'slack-channel-not-found': 'Slack says that the channel is not there any more.',
  'slack-invalid-token': 'Slack says that the address of this webhook is not valid.',
  'slack-no-service':
    'Slack says that this webhook does not exist any more. Make a new one and put it into the configuration.',
  'http-401': 'It does not accept our credentials (401).',
  'http-403': 'It does not let us in (403).',
  'http-404': 'There is nothing at its address (404).',
  'http-410': 'What was at its address is gone for good (410).',
  'http-429': 'It asked us to slow down (429).',
}

/** A code that has no sentence of its own is shown as it is: never nothing. */
export const reasonWords = (reason: string): string => {
  if (Object.hasOwn(reasons, reason)) return reasons[reason] ?? reason
  const [, unconfirmed, status] = /^(unconfirmed-)?http-(\d{3})$/.exec(reason) ?? []
  if (status === undefined)
    return `${reason.startsWith('slack-') ? 'Slack' : 'It'} says: ${reason.replace(/^slack-/, '').replaceAll('-', ' ')}.`
  return unconfirmed ? `It answered ${status}, which is no clear yes.` : `It answered ${status}.`
}
