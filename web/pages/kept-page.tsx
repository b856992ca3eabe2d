/** When the page of a ticket cannot be shown, but somebody has typed something: their words, and a way to send them from here. */
import { TextBox } from '../components/composer.tsx'
import { Document, type Shell, toHtml } from '../components/document.tsx'
import { type Trouble, TroubleBanner } from '../components/trouble.tsx'
import type { Draft } from './my-ticket-page.tsx'

export type KeptView = {
  readonly shell: Shell
  /** Where it was to go. */
  readonly address: string
  readonly act: string
  /** As chosen, where something was. */
  readonly replyStatus: string
  readonly status: string
  readonly draft: Draft
  readonly trouble: Trouble
  readonly requestId: string
  readonly now: number
}

export const keptPage = ({ shell, address, act, draft, trouble, requestId, now, ...chosen }: KeptView): string =>
  toHtml(
    <Document shell={shell} title="Not sent yet" current="none">
      <main class="site-main" id="main">
        <form class="stack wide" method="post" action={address} noValidate>
          <h1>Not sent yet</h1>
          <TroubleBanner trouble={trouble} now={now} requestId={requestId} />
          <input type="hidden" name="key" value={draft.key} autocomplete="off" />
          <input type="hidden" name="reply-status" value={chosen.replyStatus} autocomplete="off" />
          <input type="hidden" name="status" value={chosen.status} autocomplete="off" />
          {(draft.message !== '' || draft.note === '') && (
            <TextBox name="message" label="Your message" text={draft.message} rows={9} />
          )}
          {draft.note !== '' && <TextBox name="note" label="Internal note" text={draft.note} rows={9} />}
          <div class="row actions">
            <button class="button primary" type="submit" name="act" value={act}>
              Try again
            </button>
            <a class="button" href={address}>
              Back to the ticket
            </a>
          </div>
        </form>
      </main>
    </Document>,
  )
