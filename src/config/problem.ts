/** What is wrong with a configuration, where, and how to put it right: as values, collected, so that all of it is told at once. */

/** Where something stands. `key` is the path from the root: `destinations.support.url`, `routes[0].when.type`; empty for the whole file. */
export type Place = {
  /** As the operator named the file; null where the problem lies in no file. */
  readonly file: string | null
  /** Both count from 1; null when nothing in the file can be pointed at. */
  readonly line: number | null
  readonly column: number | null
  readonly key: string
}

/** `what` and `fix` are sentences for a person. Neither ever holds a secret, nor a value that came from the environment or a file. */
export type ConfigProblem = Place & { readonly what: string; readonly fix: string }

/** Collects problems and warnings while a configuration is read. */
export class Findings {
  readonly problems: ConfigProblem[] = []
  readonly warnings: ConfigProblem[] = []

  problem(place: Place, what: string, fix: string): void {
    this.problems.push({ ...bare(place), what, fix })
  }

  warning(place: Place, what: string, fix: string): void {
    this.warnings.push({ ...bare(place), what, fix })
  }
}

/** In the order of the file; what has no line comes first. */
export const inOrder = (problems: readonly ConfigProblem[]): readonly ConfigProblem[] =>
  problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))

const bare = ({ file, line, column, key }: Place): Place => ({ file, line, column, key })

/** For what lies in no file. */
export const nowhere: Place = { file: null, line: null, column: null, key: '' }
