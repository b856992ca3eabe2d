/** What happened to a ticket, in order. Texts stand exactly as they were written, each in a box of its own direction. */
import type { TicketEvent } from '../../src/api/ticket.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icon.tsx'
import { Moment } from './moment.tsx'
import { type Reader, statusIcon, statusWords } from './ticket-words.tsx'

/** A longer text scrolls inside its own box, so that what follows can be reached. */
const LONG_UNITS = 8_000
const LONG_LINES = 150

type EntryProps = { readonly event: TicketEvent; readonly reader: Reader; readonly now: number }

export const Timeline = ({ events, reader, now }: { events: readonly TicketEvent[]; reader: Reader; now: number }) => (
  <ol class="timeline" aria-label="What happened">
    {events.map(event =>
      event.message === null ? (
        <Happened key={event.id} event={event} reader={reader} now={now} />
      ) : (
        <Said key={event.id} event={event} reader={reader} now={now} />
      ),
    )}
  </ol>
)

const Said = ({ event, reader, now }: EntryProps) => (
  <li class={event.internal ? 'entry internal' : 'entry'}>
    <Avatar name={event.by.name ?? event.by.username} staff={event.by.staff} />
    <div class="said">
      <p class="head">
        {event.internal && (
          <span class="status tone-note">
            <Icon name="lock" />
            Internal note
          </span>
        )}
        <strong>{authorOf(event, reader)}</strong>
        {event.by.staff && !event.internal && <span class="chip">Support</span>}
        <Moment at={event.at} now={now} />
        {event.kind === 'COMMENTED' && event.status !== null && (
          <span class="faint">set it to {statusWords(event.status, reader)}</span>
        )}
      </p>
      <Body text={event.message ?? ''} />
    </div>
  </li>
)

const Body = ({ text }: { text: string }) =>
  text.length > LONG_UNITS || text.split('\n', LONG_LINES + 1).length > LONG_LINES ? (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: no set of fields, but something with a name
    <div class="body long" dir="auto" tabIndex={0} role="group" aria-label="A long text, which scrolls">
      {text}
    </div>
  ) : (
    <div class="body" dir="auto">
      {text}
    </div>
  )

const Happened = ({ event, reader, now }: EntryProps) => (
  <li class="entry happened">
    <Icon name={event.status === null ? 'clock' : statusIcon(event.status)} />
    <p>
      {authorOf(event, reader)} {happenedWords(event, reader)} · <Moment at={event.at} now={now} />
    </p>
  </li>
)

const happenedWords = ({ by, status }: TicketEvent, reader: Reader): string => {
  if (status === null) return 'changed it'
  if (!by.staff && status === 'CLOSED') return 'said that this is solved'
  if (!by.staff && status === 'IN_PROGRESS') return 'said that it came back'
  return `set it to “${statusWords(status, reader)}”`
}

const authorOf = ({ by }: TicketEvent, reader: Reader) =>
  reader === 'user' && !by.staff ? 'You' : <bdi>{by.name ?? by.username}</bdi>
