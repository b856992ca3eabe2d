/** How a message that is too long must be cut, found out from outside: by making messages longer until one is. */
import assert from 'node:assert/strict'
import { chatText } from '../../src/domain/text.ts'

/** @param shown the message as a reader of the destination would see it */
export const checkCutting = (shown: (message: string) => string | undefined): void => {
  const tails = [
    '&<>'.repeat(20),
    '👩‍👩‍👧'.repeat(20),
    '🇩🇰'.repeat(20),
    'e\u0301'.repeat(20),
    `\`\`\`\n${'x'.repeat(20)}`,
  ]
  // The longest run of letters that is still shown whole.
  let [fits, tooLong] = [0, 600_000]
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2)
    if (shown('a'.repeat(middle)) === 'a'.repeat(middle)) fits = middle
    else tooLong = middle
  }
  assert.ok(fits > 1_000, `only ${fits} letters fit`)
  for (const tail of tails) {
    for (let offset = 0; offset <= 12; offset += 1) {
      const message = 'a'.repeat(fits - 12 - offset) + tail + 'b'.repeat(5_000)
      checkCut(message, shown(message) ?? '')
      // And where the cut itself falls into the tail: the words about the rest take some 30 units.
      const earlier = 'a'.repeat(fits - 40 - offset) + tail + 'b'.repeat(5_000)
      checkCut(earlier, shown(earlier) ?? '')
    }
  }
}

const checkCut = (message: string, shown: string): void => {
  const [, begin = '', count = ''] = /^(.*)… ([\d,]+) more characters$/s.exec(shown) ?? []
  const whole = chatText(message)
  assert.ok(begin !== '' && whole.startsWith(begin), `it is a beginning of the message: ${shown.slice(-60)}`)
  // Each letter of the run before the tail is a grapheme: only what follows needs to be parted.
  const from = Math.min(begin.length, whole.search(/[^a]/) - 1)
  const starts = [...new Intl.Segmenter('en').segment(whole.slice(from))].map(({ index }) => from + index)
  const position = starts.indexOf(begin.length)
  assert.ok(position >= 0, `cut between graphemes: ${shown.slice(-60)}`)
  assert.equal(count, (starts.length - position).toLocaleString('en-US'))
}
