/** Ways of letting user text be text, for services that read markup in messages, and for those that do not. */
import type { Span } from './text-message.ts'

/** Where nothing is read as markup. A message's lines are marked, so that none of them can pose as one of ours. */
export const plainLine: Span = { open: '', inner: text => text, close: '' }
export const quotedBlock = (): Span => ({ open: '> ', inner: text => text.replaceAll('\n', '\n> '), close: '' })

/** Markdown reads nothing in code: no mention, no link, no command. A grave accent that would end it looks the same as another one. */
export const codeLine: Span = { open: '`', inner: text => text.replaceAll('`', '\u02cb'), close: '`' }

/** A fence longer than any run of grave accents in the message. It counts against the room that the message has: where a run is longer than anybody
 *  fences code with, the fence is a short one. */
export const fencedBlock = (message: string): Span => {
  const longest = longestRun(message)
  if (longest > FENCED_MAX) return shortFence(message)
  const fence = '`'.repeat(Math.max(longest, 2) + 1)
  return { open: `${fence}\n`, inner: text => text, close: `\n${fence}` }
}
const FENCED_MAX = 40

/** For Markdown that knows no fence but one of three grave accents: where a message has such a run, its accents look the same and are none. All of
 *  them, so that no part of it costs less than it does within the whole. */
export const shortFence = (message: string): Span => ({
  open: '```\n',
  inner: longestRun(message) > 2 ? codeLine.inner : text => text,
  close: '\n```',
})

/** Of grave accents. What stands between them may go when the message is cut (`balanced`). */
const longestRun = (message: string): number =>
  (message.replace(/[\u202a-\u202e\u2066-\u2069]/g, '').match(/`+/g) ?? []).reduce(
    (max, run) => Math.max(max, run.length),
    0,
  )

/** HTML's own signs as entities. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)

/** Markdown's signs as themselves. Mentions, and Slack's words in angle brackets, are read from the text that is left: a space of no width breaks them. */
export const escapeMarkdown = (text: string): string =>
  text.replace(/[!-/:-@[-`{-~]/g, sign => (sign === '@' ? '@\u200b' : sign === '<' ? '\\<\u200b' : `\\${sign}`))

/** For a line that is searched for names, numbers, addresses and commits though it knows no code: a space of no width stands within each of them. */
export const unlinked = (text: string): string =>
  text
    .replace(/[@#~!%&$^*:[]/g, '$&\u200b')
    .replace(/\b(?:www(?=\.)|GL(?=-\d))/gi, '$&\u200b')
    .replace(/\b(?=\d*[a-f])[0-9a-f]{7,}\b/gi, commit => commit.replace(/.{6}(?=.)/g, '$&\u200b'))
