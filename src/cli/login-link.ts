/** `support-relay login-link`: a new one-time sign-in link for the evaluation mode, while the service runs. */
import { EXIT_OK, EXIT_WRONG, type Io, refuse } from './io.ts'

export type LoginLinkOptions = { readonly staff?: boolean | undefined; readonly json?: boolean | undefined }

export type LoginLinkParts = {
  /** The link, or why there is none. */
  readonly make: (role: 'USER' | 'ADMIN') => { readonly url: string } | { readonly why: string }
}

/** Exit code 0, or 2 where no link can be made. With `json`: one document on `out`, `{url}` or `{why, errorCode}`. */
export const loginLink = (options: LoginLinkOptions, io: Io, parts: LoginLinkParts): number => {
  const made = parts.make(options.staff ? 'ADMIN' : 'USER')
  if ('why' in made) return refuse(options, io, made.why, EXIT_WRONG)
  io.out(options.json ? JSON.stringify({ url: made.url }) : made.url)
  return EXIT_OK
}
