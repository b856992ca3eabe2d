/** What a command may touch, and how it ends. */

export type Io = {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

export const EXIT_OK = 0
/** Problems of the configuration, or wrong usage. */
export const EXIT_WRONG = 2
