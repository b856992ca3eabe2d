/** One ticket as staff see it: what was said, notes among staff included; where it went; and everything that can be done about it.
 *  All of it is one form, so that whichever button is pressed takes along what was typed in either box. */
import type { TicketDetails } from '../../src/api/ticket.ts'
import { Avatar } from '../components/avatar.tsx'
import { TextBox } from '../components/composer.tsx'
import { Deliveries } from '../components/deliveries.tsx'
import { Document, toHtml } from '../components/document.tsx'
import { Icon } from '../components/icon.tsx'
import { Moment } from '../components/moment.tsx'
import { Notice } from '../components/notice.tsx'
import { StatusMark, statusNames, statusWords, typeWords } from '../components/ticket-words.tsx'
import { Timeline } from '../components/timeline.tsx'
import { messageError, TroubleBanner } from '../components/trouble.tsx'
import { Fact, type TicketView } from './my-ticket-page.tsx'

export type StaffTicketView = TicketView & {
  /** The status to set with the reply, as chosen. */
  readonly replyStatus: string
}

export const consoleTicketPage = (view: StaffTicketView): string => {
  const { ticket, now, trouble } = view
  return toHtml(
    <Document
      shell={view.shell}
      title={`${trouble ? 'Not sent yet: ' : ''}${ticket.reference}`}
      current="console"
      broad
      dense
    >
      <main class="console" id="main">
        <form class="ticket" method="post" action={`/console/${ticket.reference}`} noValidate>
          <input type="hidden" name="key" value={view.draft.key} autocomplete="off" />
          <div class="stack wide">
            <div class="stack">
              <a class="small back" href="/console">
                <Icon name="back" /> Console
              </a>
              {view.notice && <Notice code={view.notice} />}
              {trouble && <TroubleBanner trouble={trouble} now={now} requestId={view.requestId} field={view.field} />}
              <h1 dir="auto">{ticket.subject}</h1>
              <p class="row">
                <StatusMark status={ticket.status} reader="staff" pill />
                <span class="code">{ticket.reference}</span>
                <span class="small faint">
                  received <Moment at={ticket.createdAt} now={now} />
                </span>
              </p>
            </div>
            <Timeline events={ticket.timeline ?? []} reader="staff" now={now} />
            <Reply view={view} />
            <Note view={view} />
          </div>
          <aside class="stack wide" aria-label="About this ticket">
            <Who ticket={ticket} />
            <Status ticket={ticket} />
            <Facts ticket={ticket} />
            <Delivery ticket={ticket} now={now} />
          </aside>
        </form>
      </main>
    </Document>,
  )
}

const writerOf = ({ user }: TicketDetails): string => user.name ?? user.username

const Reply = ({ view }: { view: StaffTicketView }) => (
  <section class="stack composer" aria-label="Reply">
    <TextBox
      name="message"
      label={
        <>
          Reply to <bdi>{writerOf(view.ticket)}</bdi>
        </>
      }
      hint="They read this in My tickets."
      text={view.draft.message}
      error={view.field === 'message' ? messageError(view.trouble) : undefined}
    />
    <div class="row">
      <label class="row small">
        Then it is
        <select class="input" name="reply-status">
          {(['ANSWERED', 'WAITING_FOR_USER', 'CLOSED'] as const).map(status => (
            <option key={status} value={status} selected={status === view.replyStatus}>
              {statusWords(status, 'staff')}
            </option>
          ))}
        </select>
      </label>
      <button class="button primary end" type="submit" name="act" value="reply">
        <Icon name="send" />
        Send reply
      </button>
    </div>
  </section>
)

const Note = ({ view }: { view: StaffTicketView }) => (
  <section class="stack composer note" aria-label="Internal note">
    <TextBox
      name="note"
      label={
        <>
          <Icon name="lock" /> Internal note
        </>
      }
      hint="Only staff see this. It is never sent to anybody."
      text={view.draft.note}
      rows={3}
      error={view.field === 'note' ? messageError(view.trouble) : undefined}
    />
    <div class="row">
      <button class="button end" type="submit" name="act" value="note">
        <Icon name="lock" />
        Save note
      </button>
    </div>
  </section>
)

const Who = ({ ticket }: { ticket: TicketDetails }) => {
  const { user } = ticket
  return (
    <section>
      <h2>Who</h2>
      <div class="row who">
        <Avatar name={writerOf(ticket)} />
        <div>
          <strong>
            <bdi>{writerOf(ticket)}</bdi>
          </strong>
          <div class="small faint">
            <bdi>{user.username}</bdi> · {user.role === 'ADMIN' ? 'staff' : 'user'}
          </div>
        </div>
      </div>
      <dl class="facts">
        {user.email && <Fact name="E-mail" value={user.email} />}
        {user.organization && <Fact name="Organisation" value={user.organization} />}
      </dl>
    </section>
  )
}

const Status = ({ ticket }: { ticket: TicketDetails }) => (
  <section>
    <h2 id="status">Status</h2>
    <div class="row">
      <select class="input" name="status" aria-labelledby="status">
        {statusNames.map(status => (
          <option key={status} value={status} selected={status === ticket.status}>
            {statusWords(status, 'staff')}
          </option>
        ))}
      </select>
      <button class="button small" type="submit" name="act" value="status">
        Set
      </button>
    </div>
  </section>
)

const Facts = ({ ticket }: { ticket: TicketDetails }) => {
  const { type, project, context, technical } = ticket
  return (
    <section>
      <h2>Where and what</h2>
      <dl class="facts">
        {type && <Fact name="Type" value={typeWords[type]} />}
        {project && (
          <Fact name="Project" value={`${project.id}${project.listed ? '' : ' (not listed in the token)'}`} />
        )}
        {Object.entries(context ?? {}).map(([name, value]) => (
          <Fact
            key={name}
            name={name === 'page' ? 'Page' : name}
            value={typeof value === 'string' ? value : JSON.stringify(value)}
          />
        ))}
        {technical.userAgent && <Fact name="Browser" value={technical.userAgent} />}
        <Fact name="Request" value={technical.requestId} />
        <Fact name="Id" value={ticket.id} />
      </dl>
    </section>
  )
}

const Delivery = ({ ticket, now }: { ticket: TicketDetails; now: number }) => {
  const { deliveries = [], timeline = [] } = ticket
  const dead = deliveries.filter(({ state }) => state === 'DEAD').length
  const delivered = deliveries.filter(({ state }) => state === 'DELIVERED').length
  return (
    <section>
      <div class="row">
        <h2>Delivery</h2>
        <span class="small faint end">
          {delivered} of {deliveries.length}
        </span>
      </div>
      <Deliveries
        deliveries={deliveries}
        now={now}
        eventWords={id => {
          const at = timeline.findIndex(event => event.id === id)
          return at === 0 ? 'the ticket' : timeline[at]?.kind === 'UPDATED' ? 'a change of status' : 'a reply'
        }}
      />
      {dead > 1 && (
        <button class="button small" type="submit" name="act" value="replay-all">
          <Icon name="retry" />
          Send all {dead} again that were given up
        </button>
      )}
    </section>
  )
}
