/** Staff's first page: what is not delivered comes first, then the places, then the tickets. */
import type { Delivery, DestinationView, TicketStatus, TicketType } from '../../src/api/ticket.ts'
import { DeliveryChip, DeliveryMark, reasonWords } from '../components/delivery-words.tsx'
import { Destinations } from '../components/destinations.tsx'
import { Document, type Shell, toHtml } from '../components/document.tsx'
import { Icon } from '../components/icon.tsx'
import { Moment } from '../components/moment.tsx'
import { Notice, type NoticeCode } from '../components/notice.tsx'
import { addressOf, type ListedTicket, Pages } from '../components/ticket-list.tsx'
import { StatusMark, statusNames, statusWords, typeWords } from '../components/ticket-words.tsx'

export type StaffTicket = ListedTicket & {
  readonly from: string
  /** How each destination fares with it: the worst of its deliveries there. */
  readonly deliveries: readonly Pick<Delivery, 'destination' | 'state' | 'attempts'>[]
}

export type Undelivered = {
  readonly reference: string
  readonly subject: string
  readonly delivery: Delivery
}

export type ConsoleView = {
  readonly shell: Shell
  readonly destinations: readonly DestinationView[]
  /** What to do about those in trouble, by name. */
  readonly advice: ReadonlyMap<string, string>
  /** The first of them; the counts of the destinations tell how many there are. */
  readonly undelivered: readonly Undelivered[]
  readonly tickets: readonly StaffTicket[]
  readonly filter: {
    readonly q: string
    readonly status: TicketStatus | null
    readonly type: TicketType | null
    readonly delivery: 'DEAD' | null
  }
  readonly isFirst: boolean
  readonly next: string | null
  readonly notice: NoticeCode | null
  /** What did not work, in a sentence. */
  readonly why: string | null
  readonly now: number
}

export const consolePage = (view: ConsoleView): string =>
  toHtml(
    <Document shell={view.shell} title="Console" current="console" broad dense>
      <main class="console" id="main">
        <h1 class="for-screen-readers">Console</h1>
        {view.notice && <Notice code={view.notice} />}
        {view.why && (
          <div class="banner tone-bad" role="alert" tabIndex={-1} autofocus>
            <Icon name="warn" />
            <div>{view.why}</div>
          </div>
        )}
        <NotDelivered view={view} />
        <section aria-labelledby="destinations">
          <h2 id="destinations">Destinations</h2>
          <Destinations destinations={view.destinations} advice={view.advice} now={view.now} />
        </section>
        <section aria-labelledby="tickets">
          <h2 id="tickets">Tickets</h2>
          <Filter view={view} />
          <Tickets view={view} />
          <Pages
            first={view.isFirst ? null : addressOf('/console', view.filter)}
            next={view.next && addressOf('/console', { ...view.filter, next: view.next })}
          />
        </section>
      </main>
    </Document>,
  )

const NotDelivered = ({ view: { undelivered, destinations } }: { view: ConsoleView }) => {
  const sum = (count: (destination: DestinationView) => number) =>
    destinations.reduce((total, destination) => total + count(destination), 0)
  const total = sum(({ dead, state, pending }) => dead + (state === 'OK' ? 0 : pending))
  const onTheWay = sum(({ state, pending }) => (state === 'OK' ? pending : 0))
  return (
    <section aria-labelledby="not-delivered">
      <h2 id="not-delivered">
        {total > 0 ? (
          `Not delivered: ${total.toLocaleString('en-GB')}`
        ) : (
          <>
            <span class="good">
              <Icon name="check" />
            </span>{' '}
            {onTheWay > 0 ? 'Nothing is stuck' : 'All delivered'}
          </>
        )}
        {onTheWay > 0 && <span class="faint"> · {onTheWay.toLocaleString('en-GB')} on the way</span>}
      </h2>
      {undelivered.length > 0 && (
        <div class="panel">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Ticket</th>
                <th scope="col">Destination</th>
                <th scope="col">Why</th>
                <th scope="col">Attempts</th>
              </tr>
            </thead>
            <tbody>
              {undelivered.map(row => (
                <UndeliveredRow key={row.delivery.id} row={row} destinations={destinations} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {total > undelivered.length && (
        <p class="small soft above">
          {(total - undelivered.length).toLocaleString('en-GB')} more.{' '}
          <a href="/console?delivery=DEAD#tickets">List the tickets with something given up</a>
        </p>
      )}
    </section>
  )
}

const UndeliveredRow = ({
  row: { reference, subject, delivery },
  destinations,
}: {
  row: Undelivered
  destinations: readonly DestinationView[]
}) => {
  const reason = delivery.reason ?? destinations.find(({ name }) => name === delivery.destination)?.reason ?? null
  return (
    <tr>
      <td data-name="State">
        <DeliveryMark delivery={delivery} />
      </td>
      <td data-name="Ticket">
        <Subject reference={reference} subject={subject} />
      </td>
      <td data-name="Destination">{delivery.destination}</td>
      <td data-name="Why">{reason === null ? 'Not tried yet.' : reasonWords(reason)}</td>
      <td data-name="Attempts">{delivery.attempts}</td>
    </tr>
  )
}

const Subject = ({ reference, subject, preview }: { reference: string; subject: string; preview?: string }) => (
  <>
    <a class="subject" href={`/console/${reference}`} dir="auto">
      {subject}
    </a>
    <span class="preview">
      <span class="code">{reference}</span>
      {preview && (
        <>
          {' · '}
          <bdi>{preview}</bdi>
        </>
      )}
    </span>
  </>
)

const Filter = ({ view: { filter } }: { view: ConsoleView }) => (
  <form class="search" action="/console#tickets" method="get">
    <label class="grow">
      Words or reference
      <input class="input" type="search" name="q" value={filter.q} dir="auto" autocomplete="off" />
    </label>
    <Choice
      name="status"
      label="Status"
      chosen={filter.status}
      options={statusNames.map(status => [status, statusWords(status, 'staff')])}
    />
    <Choice name="type" label="Type" chosen={filter.type} options={Object.entries(typeWords)} />
    <Choice name="delivery" label="Delivery" chosen={filter.delivery} options={[['DEAD', 'Gave up']]} />
    <button class="button" type="submit">
      Find
    </button>
    {isFiltered(filter) && (
      <a class="button quiet" href="/console#tickets">
        Show all
      </a>
    )}
  </form>
)

const isFiltered = (filter: ConsoleView['filter']): boolean => Object.values(filter).some(Boolean)

type ChoiceProps = {
  name: string
  label: string
  chosen: string | null
  options: readonly (readonly [string, string])[]
}

const Choice = ({ name, label, chosen, options }: ChoiceProps) => (
  <label>
    {label}
    <select class="input" name={name}>
      <option value="">Any</option>
      {options.map(([value, words]) => (
        <option key={value} value={value} selected={value === chosen}>
          {words}
        </option>
      ))}
    </select>
  </label>
)

const Tickets = ({ view: { tickets, filter, next, now } }: { view: ConsoleView }) => {
  if (tickets.length === 0) {
    if (next) return <p class="soft">None among those looked at so far; older ones may follow.</p>
    return <p class="soft">{isFiltered(filter) ? 'No ticket matches.' : 'No tickets yet.'}</p>
  }
  return (
    <div class="panel">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Ticket</th>
            <th scope="col">From</th>
            <th scope="col">Type</th>
            <th scope="col">Delivery</th>
            <th scope="col">Received</th>
          </tr>
        </thead>
        <tbody>
          {tickets.map(ticket => (
            <tr key={ticket.id}>
              <td data-name="Status">
                <StatusMark status={ticket.status} reader="staff" />
              </td>
              <td data-name="Ticket">
                <Subject reference={ticket.reference} subject={ticket.subject} preview={ticket.preview} />
              </td>
              <td data-name="From" dir="auto">
                <bdi>{ticket.from}</bdi>
              </td>
              <td data-name="Type">{ticket.type ? typeWords[ticket.type] : '–'}</td>
              <td data-name="Delivery">
                <div class="chips">
                  {ticket.deliveries.map(delivery => (
                    <DeliveryChip key={delivery.destination} delivery={delivery} />
                  ))}
                </div>
              </td>
              <td data-name="Received">
                <Moment at={ticket.createdAt} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
