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

/** Says why it was not done; with `json` as the API says it, with no code, as none of its calls was made. Returns the exit code. */
export const refuse = (options: { readonly json?: boolean | undefined }, io: Io, why: string, code: number): number => {
  if (options.json) io.out(JSON.stringify({ why, errorCode: null }))
  else io.err(why)
  return code
}
