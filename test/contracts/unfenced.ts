/** Reading a message that stands in a fence of Markdown, as a reader sees it. */
import assert from 'node:assert/strict'

/** For services whose only fence has three grave accents, wherever they stand: a message may not end its own. */
export const checkShortFence = (text: string): void => {
  const count = text.split('```').length - 1
  assert.ok(count === 0 || (count === 2 && text.endsWith('\n```')), JSON.stringify(text))
}

/** What stands in the text's last fence; undefined when there is none. */
export const unfenced = (text: string): string | undefined =>
  /(?:^|\n)(`{3,})\n(.*)\n\1$/s.exec(text)?.[2]?.replaceAll('\u02cb', '`')
