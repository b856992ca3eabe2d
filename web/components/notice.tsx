/** What was done, told once on the page that follows. The address holds the code only: what it says stands here. */
import { Icon } from './icon.tsx'

const words = {
  added: 'Your message was added. The team gets it in the place where they work.',
  solved: 'You said that this is solved. If it comes back, say so here.',
  back: 'You said that it came back. The team is told.',
  replied: 'Your reply is stored. The user reads it in My tickets.',
  noted: 'Your note is stored. Only staff see it.',
  status: 'The status is set.',
  replayed: 'It goes out again, in its turn.',
  'nothing-replayed': 'There was nothing left to send again.',
  paused: 'The destination is paused. What is meant for it waits, and nothing is lost.',
  resumed: 'The destination goes on. What waited goes out now.',
  tested: 'The test message arrived.',
} as const

export type NoticeCode = keyof typeof words

export const isNoticeCode = (text: string): text is NoticeCode => Object.hasOwn(words, text)

export const Notice = ({ code }: { code: NoticeCode }) => (
  // Focused by the browser itself when the page opens, so that it is the first thing heard, also without a script.
  <div class="banner tone-good" role="status" tabIndex={-1} autofocus>
    <Icon name="check" />
    <div>{words[code]}</div>
  </div>
)
