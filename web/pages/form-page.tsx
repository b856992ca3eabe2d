/** The form, as a plain page: works without JavaScript, and comes back with every typed character when it was not sent. */
import { TextBox } from '../components/composer.tsx'
import { Document, type Shell, toHtml } from '../components/document.tsx'
import { Icon, type IconName } from '../components/icon.tsx'
import { Relay } from '../components/relay.tsx'
import { actionFor, messageError, type Trouble, TroubleBanner } from '../components/trouble.tsx'
import { type Sender, WhatWeSend } from '../components/what-we-send.tsx'

export type FormView = {
  readonly shell: Shell
  readonly sender: Sender | null
  /** As typed, or as given in the address. */
  readonly fields: { readonly type: string; readonly subject: string; readonly message: string }
  readonly page: { readonly address: string; readonly send: boolean } | null
  readonly browser: { readonly userAgent: string; readonly send: boolean } | null
  /** The idempotency key of this draft: the same on every try. */
  readonly key: string
  readonly trouble: Trouble | null
  readonly requestId: string | null
  readonly now: number
}

const types: readonly { value: string; icon: IconName; words: string }[] = [
  { value: 'BUG', icon: 'bug', words: 'Something is broken' },
  { value: 'QUESTION', icon: 'ask', words: 'A question' },
  { value: 'SUGGESTION', icon: 'idea', words: 'A suggestion' },
]

export const formPage = (view: FormView): string =>
  toHtml(
    <Document
      shell={view.shell}
      title={view.trouble ? 'Not sent yet: write to support' : 'Write to support'}
      current="form"
      skipTo="form"
    >
      <main class="site-main with-aside" id="main">
        {/* noValidate: what is missing is said in words by the server, the same with and without a script */}
        <form id="form" class="stack wide" action="/" method="post" noValidate>
          <input type="hidden" name="key" value={view.key} autocomplete="off" />
          {view.page && <input type="hidden" name="page" value={view.page.address} />}
          <div>
            <h1>How can we help?</h1>
            <p class="soft above">Tell us in your own words. A person reads every message.</p>
          </div>
          {view.trouble && <TroubleBanner trouble={view.trouble} now={view.now} requestId={view.requestId} />}
          <TypeChoice chosen={view.fields.type} />
          <div class="field">
            <label for="subject">
              Subject <span class="hint">(optional)</span>
            </label>
            {/* No maxlength, here and below: it would cut a pasted text without a word. */}
            <input
              class="input"
              id="subject"
              name="subject"
              dir="auto"
              autocomplete="off"
              value={view.fields.subject}
            />
          </div>
          <TextBox
            name="message"
            label="Message"
            hint="What did you try, what happened, what did you expect?"
            text={view.fields.message}
            rows={9}
            error={messageError(view.trouble)}
            required
          />
          <WhatWeSend sender={view.sender} page={view.page} browser={view.browser} />
          <div class="row actions">
            <button class="button primary" type="submit">
              {actionFor(view.trouble)}
            </button>
          </div>
        </form>
        <aside class="aside" aria-labelledby="next">
          <h2 id="next">What happens next</h2>
          <Relay stage="writing" />
        </aside>
      </main>
    </Document>,
  )

const TypeChoice = ({ chosen }: { chosen: string }) => (
  <fieldset class="field">
    <legend class="label">
      What is it? <span class="hint">(optional)</span>
    </legend>
    <div class="choices">
      {types.map(({ value, icon, words }) => (
        <label class="choice" key={value}>
          <input type="radio" name="type" value={value} checked={value === chosen} />
          <Icon name={icon} />
          {words}
        </label>
      ))}
    </div>
  </fieldset>
)
