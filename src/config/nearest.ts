/** "Did you mean …?": the known word that a mistyped one is closest to. */

/** The candidate closest to `word`, or undefined when none is close: at most one slip in every three letters. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  const typed = plain(word)
  const [best] = candidates
    .map(candidate => ({ candidate, slips: slipsBetween(typed, plain(candidate)) }))
    .filter(({ candidate, slips }) => slips <= Math.max(1, Math.floor(Math.min(typed.length, candidate.length) / 3)))
    .sort((a, b) => a.slips - b.slips)
  return best?.candidate
}

/** `Did you mean "port"?`, with a leading space, or nothing. */
export const didYouMean = (word: string, candidates: readonly string[]): string => {
  const candidate = nearest(word, candidates)
  return candidate === undefined ? '' : ` Did you mean "${candidate}"?`
}

/** Case and separators are how keys differ between programs (`public_url`, `publicURL`), so they are no slips. */
const plain = (word: string) => word.toLowerCase().replaceAll(/[-_ ]/g, '')

/** Letters to add, remove, change or swap with their neighbour: the optimal string alignment distance. */
const slipsBetween = (a: string, b: string): number => {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = current
  }
  return at(last, b.length)
}

const at = (row: readonly number[], column: number) => row[column] ?? Number.POSITIVE_INFINITY
