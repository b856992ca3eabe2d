/** What a command or a start is refused for, beside what the rooms refuse themselves. */

/** The database cannot be used as it is, in a sentence that says what to do. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused'
}

/** A move did not come to its end, in a sentence that says how to go on. */
export class MoveUnfinished extends Error {
  override readonly name = 'MoveUnfinished'
}
