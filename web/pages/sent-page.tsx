/** The confirmation. It stays until the reader leaves it, and loading it again sends nothing twice. */
import { Stub } from '../components/copy.tsx'
import { Document, type Shell, toHtml } from '../components/document.tsx'
import { Icon } from '../components/icon.tsx'
import { Moment } from '../components/moment.tsx'
import { Relay } from '../components/relay.tsx'

export type SentView = {
  readonly shell: Shell
  readonly reference: string
  readonly createdAt: number
  /** We had it already: the same form was sent before. */
  readonly repeated: boolean
  readonly now: number
}

export const sentPage = (view: SentView): string =>
  toHtml(
    <Document shell={view.shell} title="We have your message" current="none">
      <main class="site-main with-aside" id="main">
        <div class="stack wide">
          <div class="stack">
            <span class="good">
              <Icon name="closed" large />
            </span>
            <div>
              <h1 tabIndex={-1} autofocus>
                We have your message
              </h1>
              <p class="soft above">
                {view.repeated
                  ? 'We had it already, and nothing was sent twice. It was stored at '
                  : 'It was stored at '}
                <Moment at={view.createdAt} now={view.now} />.
              </p>
            </div>
          </div>
          <div class="field">
            <span class="label" id="reference">
              Your reference
            </span>
            <Stub text={view.reference} labelledBy="reference" />
            <p class="hint">Keep it. Name it when you ask about this message.</p>
          </div>
          <div class="row">
            <a class="button" href={`/tickets/${view.reference}`}>
              See it in My tickets
            </a>
            <a class="button quiet" href="/">
              Write another
            </a>
            {view.shell.evaluation && (
              <a class="button quiet" href="/evaluation">
                See where it landed
              </a>
            )}
          </div>
        </div>
        <aside class="aside" aria-labelledby="next">
          <h2 id="next">What happens next</h2>
          <Relay stage="stored" />
        </aside>
      </main>
    </Document>,
  )
