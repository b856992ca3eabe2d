/** One ticket as its writer sees it: what was said, a box to add to it, and a button to say that it is solved or came back.
 *  The buttons belong to one form, so that whichever is pressed takes along what was typed. */
import type { TicketDetails } from '../../src/api/ticket.ts'
import { TextBox } from '../components/composer.tsx'
import { Stub } from '../components/copy.tsx'
import { Document, type Shell, toHtml } from '../components/document.tsx'
import { Icon } from '../components/icon.tsx'
import { Moment } from '../components/moment.tsx'
import { Notice, type NoticeCode } from '../components/notice.tsx'
import { StatusMark, typeWords } from '../components/ticket-words.tsx'
import { Timeline } from '../components/timeline.tsx'
import { messageError, type Trouble, TroubleBanner } from '../components/trouble.tsx'

/** What somebody has typed on the page of a ticket, and the key that makes it count once. */
export type Draft = { readonly key: string; readonly message: string; readonly note: string }

/** What became of the last thing that was done on the page. */
export type Outcome = {
  readonly notice: NoticeCode | null
  readonly trouble: Trouble | null
  /** The box that the trouble is about. */
  readonly field: 'message' | 'note'
}

export type TicketView = Outcome & {
  readonly shell: Shell
  readonly ticket: TicketDetails
  readonly draft: Draft
  readonly requestId: string
  readonly now: number
}

export const myTicketPage = (view: TicketView): string => {
  const { ticket, now, trouble } = view
  return toHtml(
    <Document shell={view.shell} title={`${trouble ? 'Not sent yet: ' : ''}${ticket.subject}`} current="tickets">
      <main class="site-main with-aside" id="main">
        <div class="stack wide">
          <div class="stack">
            <a class="small back" href="/tickets">
              <Icon name="back" /> My tickets
            </a>
            {view.notice && <Notice code={view.notice} />}
            {trouble && <TroubleBanner trouble={trouble} now={now} requestId={view.requestId} />}
            <h1 dir="auto">{ticket.subject}</h1>
            <p class="row">
              <StatusMark status={ticket.status} reader="user" pill />
              <span class="small faint">
                sent <Moment at={ticket.createdAt} now={now} />
              </span>
            </p>
          </div>
          <Timeline events={ticket.timeline ?? []} reader="user" now={now} />
          <Answer view={view} />
        </div>
        <aside class="aside stack wide" aria-label="About this ticket">
          <section>
            <h2 id="reference">Reference</h2>
            <Stub text={ticket.reference} labelledBy="reference" />
          </section>
          <section>
            <h2>About</h2>
            <dl class="facts">
              {ticket.type && <Fact name="Type" value={typeWords[ticket.type]} />}
              {ticket.project && <Fact name="Project" value={ticket.project.id} />}
              <Fact name="Seen by" value="You and the support team" />
            </dl>
          </section>
        </aside>
      </main>
    </Document>,
  )
}

export const Fact = ({ name, value }: { name: string; value: string }) => (
  <>
    <dt>{name}</dt>
    <dd>
      <bdi>{value}</bdi>
    </dd>
  </>
)

const Answer = ({ view: { ticket, draft, trouble } }: { view: TicketView }) => {
  const isClosed = ticket.status === 'CLOSED'
  return (
    <form class="stack answer" method="post" action={`/tickets/${ticket.reference}`} noValidate>
      <input type="hidden" name="key" value={draft.key} autocomplete="off" />
      <TextBox
        name="message"
        label={isClosed ? 'Came back, or something to add?' : 'Add to this ticket'}
        text={draft.message}
        error={messageError(trouble)}
      />
      <div class="row actions">
        <button class="button primary" type="submit" name="act" value="comment">
          Send
        </button>
        <button class="button" type="submit" name="act" value={isClosed ? 'back' : 'solved'}>
          <Icon name={isClosed ? 'retry' : 'check'} />
          {isClosed ? 'It came back' : 'This is solved'}
        </button>
      </div>
    </form>
  )
}
