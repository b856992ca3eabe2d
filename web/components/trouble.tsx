/** What stands above the form when it was not sent: what happened, what is safe, what to do. */
import type { ComponentChildren } from 'preact'
import { Command, loginLinkCommand } from './copy.tsx'
import { Icon } from './icon.tsx'
import { Moment } from './moment.tsx'

/** Why a form came back. Nothing was stored, except perhaps with `outcome-unknown`. */
export type Trouble =
  | { readonly kind: 'message-missing' }
  /** `by`: how many characters (UTF-16 units, the same count everywhere) are too many. */
  | { readonly kind: 'message-too-long'; readonly by: number }
  | { readonly kind: 'limited'; readonly until: number }
  | { readonly kind: 'store-unavailable' }
  | { readonly kind: 'outcome-unknown' }
  /** The form's key belongs to another text that was accepted; the form now holds a fresh key. */
  | { readonly kind: 'key-reused' }
  | { readonly kind: 'signed-out' /** Null unless in the evaluation mode. */; readonly dataFolder: string | null }
  | { readonly kind: 'other-origin' }
  | { readonly kind: 'our-mistake' }
  /** Anything else, in the server's own words. */
  | { readonly kind: 'refused'; readonly why: string }

type Words = {
  readonly title: ComponentChildren
  readonly text: ComponentChildren
  readonly tone: 'bad' | 'wait'
  readonly action: string
}

const SEND = 'Send message'
const AGAIN = 'Try again'

/** The button that goes with it. */
export const actionFor = (trouble: Trouble | null): string => (trouble ? wordsFor(trouble, 0).action : SEND)

/** The text under the message field, if the message is what is wrong. */
export const messageError = (trouble: Trouble | null): string | undefined => {
  if (trouble?.kind === 'message-missing') return 'Enter a message'
  if (trouble?.kind === 'message-too-long')
    return `Shorten the message: it is ${trouble.by.toLocaleString('en-GB')} too long`
  return undefined
}

export const TroubleBanner = ({
  trouble,
  now,
  requestId,
  field = 'message',
}: {
  trouble: Trouble
  now: number
  requestId: string | null
  /** Where the text is that is meant. */
  field?: string
}) => {
  const words = wordsFor(trouble, now, field)
  return (
    // Focused by the browser itself when the page opens, so that it is the first thing heard, also without a script.
    <div class={`banner tone-${words.tone}`} role="alert" tabIndex={-1} autofocus>
      <Icon name={trouble.kind === 'limited' ? 'clock' : 'warn'} />
      <div>
        <h2>{words.title}</h2>
        {words.text}
        {requestId && hasRequest(trouble) && (
          <p class="small soft">
            If you ask about this, name the request <span class="code">{requestId}</span>
          </p>
        )}
      </div>
    </div>
  )
}

const hasRequest = (trouble: Trouble): boolean =>
  trouble.kind === 'store-unavailable' || trouble.kind === 'outcome-unknown' || trouble.kind === 'our-mistake'

const wordsFor = (trouble: Trouble, now: number, field = 'message'): Words => {
  switch (trouble.kind) {
    case 'message-missing':
    case 'message-too-long':
      return {
        tone: 'bad',
        action: SEND,
        title: 'One thing to put right',
        text: <a href={`#${field}`}>{messageError(trouble)}</a>,
      }
    case 'limited':
      return {
        tone: 'wait',
        action: AGAIN,
        title: (
          <>
            You can send again at <Moment at={trouble.until} now={now} />
          </>
        ),
        text: (
          <p>
            You have sent several messages in a short time. This one was not sent; keep this page open and send it then.
          </p>
        ),
      }
    case 'store-unavailable':
      return {
        tone: 'bad',
        action: AGAIN,
        title: 'We could not store your message',
        text: <p>Your text is all here, below. Try again in a moment: trying again cannot send it twice.</p>,
      }
    case 'outcome-unknown':
      return {
        tone: 'bad',
        action: AGAIN,
        title: 'We do not know yet whether your message was stored',
        text: (
          <p>Your text is all here, below. Try again, without changing it, to find out: it cannot be sent twice.</p>
        ),
      }
    case 'key-reused':
      return {
        tone: 'wait',
        action: 'Send as a new message',
        title: 'We already have an earlier text from this form',
        text: (
          <p>The text below differs from it and was not sent. Send it as a message of its own, if you still want to.</p>
        ),
      }
    case 'signed-out':
      return {
        tone: 'wait',
        action: AGAIN,
        title: 'You are signed out',
        text: <SignedOut dataFolder={trouble.dataFolder} />,
      }
    case 'other-origin':
      return {
        tone: 'wait',
        action: SEND,
        title: 'This came from another page, so we did not send it',
        text: <p>If these are your own words, read them once more and send them from here.</p>,
      }
    case 'our-mistake':
      return {
        tone: 'bad',
        action: AGAIN,
        title: 'Something went wrong on our side',
        text: <p>Your text is all here, below. Try again: trying again cannot send it twice.</p>,
      }
    case 'refused':
      return { tone: 'bad', action: SEND, title: 'Your message was not sent', text: <p>{trouble.why}</p> }
    default: {
      const never: never = trouble
      return never
    }
  }
}

const SignedOut = ({ dataFolder }: { dataFolder: string | null }) =>
  dataFolder !== null ? (
    <>
      <p>
        Your text is all here, below. Make a sign-in link with this command, open it in another tab, then try again
        here.
      </p>
      <Command text={loginLinkCommand(dataFolder)} />
    </>
  ) : (
    <p>Your text is all here, below. Sign in to your platform in another tab, then try again here.</p>
  )
