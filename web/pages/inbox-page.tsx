/** The evaluation inbox: what would have landed in chat. Without a script it is a list with a link to load it again;
 *  with one (client/inbox.ts), the parts marked `data-live` are replaced as messages arrive. */
import { Document, type Shell, toHtml } from '../components/document.tsx'
import { NothingYet } from '../components/icon.tsx'
import { type Landed, LandedMessage } from '../components/landed.tsx'
import { Misbehave, type MisbehaviourView, ModeNow } from '../components/misbehave.tsx'

export type { Landed, MisbehaviourView }

export type InboxView = {
  readonly shell: Shell
  readonly channels: readonly { readonly name: string; readonly count: number }[]
  /** The channel to show; null shows all. */
  readonly chosen: string | null
  /** Newest first, of the chosen channel. */
  readonly landed: readonly Landed[]
  readonly mode: MisbehaviourView
  readonly now: number
}

export const inboxPage = (view: InboxView): string =>
  toHtml(
    <Document
      shell={view.shell}
      title="What would have landed in chat"
      current="landed"
      broad
      scripts={[view.shell.assets.inbox]}
    >
      <main class="evaluation" id="main">
        <div>
          <h1>What would have landed in chat</h1>
          <p class="soft above">
            This page plays the part of Slack. <span data-live-hint>Load it again to see new messages:</span>{' '}
            <a href={addressOf(view.chosen)} data-live-hint>
              Refresh
            </a>
            <span data-live-words hidden>
              New messages appear by themselves.
            </span>
          </p>
          <Channels view={view} />
          <ol class="landed" data-live="landed" aria-label="Messages">
            {view.landed.map(landed => (
              <LandedMessage key={landed.key} landed={landed} now={view.now} />
            ))}
          </ol>
          <div data-live="empty">{view.landed.length === 0 && <Empty />}</div>
        </div>
        <aside class="stack wide" aria-label="Try it">
          <section>
            <h2>Send a ticket</h2>
            <p class="small soft above">
              With the <a href="/">form</a>, as the demo user.
            </p>
          </section>
          <section>
            <Misbehave mode={view.mode} />
            <p class="small soft above" data-live="mode">
              <ModeNow mode={view.mode} now={view.now} />
            </p>
          </section>
          <section>
            <h2>Or pull the plug</h2>
            <p class="small soft above">
              Kill the process while it works. Start it again: what was acknowledged is still here, and is delivered.
            </p>
          </section>
        </aside>
      </main>
    </Document>,
  )

const addressOf = (channel: string | null): string =>
  channel === null ? '/evaluation' : `/evaluation?destination=${encodeURIComponent(channel)}`

const Channels = ({ view }: { view: InboxView }) => (
  <nav class="channels" aria-label="Destinations" data-live="channels">
    <a href={addressOf(null)} aria-current={view.chosen === null ? 'true' : undefined}>
      All <span class="count">{view.channels.reduce((sum, channel) => sum + channel.count, 0)}</span>
    </a>
    {view.channels.map(({ name, count }) => (
      <a key={name} href={addressOf(name)} aria-current={view.chosen === name ? 'true' : undefined}>
        #{name} <span class="count">{count}</span>
      </a>
    ))}
  </nav>
)

const Empty = () => (
  <section class="empty">
    <NothingYet />
    <h2>Nothing here yet</h2>
    <p>Send a ticket, and see here what the team would have seen in chat.</p>
    <a class="button primary" href="/">
      Write the first one
    </a>
  </section>
)
