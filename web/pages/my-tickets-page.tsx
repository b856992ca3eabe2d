/** A user's own tickets, newest first. Whether a delivery has trouble is not their matter: they see where the ticket stands. */
import type { TicketStatus } from '../../src/api/ticket.ts'
import { Document, type Shell, toHtml } from '../components/document.tsx'
import { NothingYet } from '../components/icon.tsx'
import { Moment } from '../components/moment.tsx'
import { addressOf, type ListedTicket, Pages } from '../components/ticket-list.tsx'
import { StatusMark, statusWords, typeWords } from '../components/ticket-words.tsx'

export type MyTicketsView = {
  readonly shell: Shell
  readonly tickets: readonly ListedTicket[]
  /** Only those that stand like this; null for all. */
  readonly status: TicketStatus | null
  readonly isFirst: boolean
  readonly next: string | null
  readonly now: number
}

/** What a person looks for; the others are found among all. */
const filters: readonly (TicketStatus | null)[] = [null, 'WAITING_FOR_USER', 'ANSWERED', 'CLOSED']

export const myTicketsPage = (view: MyTicketsView): string =>
  toHtml(
    <Document shell={view.shell} title="My tickets" current="tickets">
      <main class="site-main" id="main">
        <div class="row">
          <h1>My tickets</h1>
          <a class="button primary end" href="/">
            Write to us
          </a>
        </div>
        <nav class="filters" aria-label="Filter">
          {filters.map(status => (
            <a
              key={status}
              href={addressOf('/tickets', { status })}
              aria-current={status === view.status ? 'true' : undefined}
            >
              {status === null ? 'All' : statusWords(status, 'user')}
            </a>
          ))}
        </nav>
        {view.tickets.length > 0 ? (
          <ul class="tickets">
            {view.tickets.map(ticket => (
              <Listed key={ticket.id} ticket={ticket} now={view.now} />
            ))}
          </ul>
        ) : (
          <Nothing view={view} />
        )}
        <Pages
          first={view.isFirst ? null : addressOf('/tickets', { status: view.status })}
          next={view.next && addressOf('/tickets', { status: view.status, next: view.next })}
        />
      </main>
    </Document>,
  )

const Listed = ({ ticket, now }: { ticket: ListedTicket; now: number }) => (
  <li>
    <h2 dir="auto">
      <a href={`/tickets/${ticket.reference}`}>{ticket.subject}</a>
    </h2>
    {ticket.preview && (
      <p class="preview" dir="auto">
        {ticket.preview}
      </p>
    )}
    <p class="meta">
      <span class="code">{ticket.reference}</span>
      {ticket.type && ` · ${typeWords[ticket.type]}`}
    </p>
    <StatusMark status={ticket.status} reader="user" />
    <Moment at={ticket.createdAt} now={now} />
  </li>
)

const Nothing = ({ view }: { view: MyTicketsView }) => {
  if (view.next) return <p class="soft">None on this page; older ones may follow.</p>
  if (view.status !== null || !view.isFirst) return <p class="soft">There is none like this.</p>
  return (
    <section class="empty">
      <NothingYet />
      <h2>Nothing here yet</h2>
      <p>When you write to us, your messages and our answers are kept here.</p>
      <a class="button" href="/">
        Write the first one
      </a>
    </section>
  )
}
