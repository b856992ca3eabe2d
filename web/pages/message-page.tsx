/** A page that only says something: not found, too large, our own mistake. */
import { Document, type Shell, toHtml } from '../components/document.tsx'

export type MessageView = {
  readonly shell: Shell
  readonly title: string
  /** What happened, what is safe, what to do. */
  readonly sentences: readonly string[]
  readonly requestId: string | null
}

export const messagePage = (view: MessageView): string =>
  toHtml(
    <Document shell={view.shell} title={view.title} current="none">
      <main class="site-main" id="main">
        <div class="stack">
          <h1>{view.title}</h1>
          {view.sentences.map(sentence => (
            <p key={sentence}>{sentence}</p>
          ))}
          {view.requestId && (
            <p class="small faint">
              Request <span class="code">{view.requestId}</span>
            </p>
          )}
          <a class="button" href="/">
            Go to the form
          </a>
        </div>
      </main>
    </Document>,
  )
