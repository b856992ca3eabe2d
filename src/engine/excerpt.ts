/** What is kept of an answer, for people: short, and without the secrets that a receiver may echo. */
import type { Destination } from '../domain/destination.ts'
import type { Answer } from '../domain/outcome.ts'

const EXCERPT_MAX = 500
const HIDDEN = '[hidden]'

/** The beginning of the answer's body, or why there was none; null when it was empty. */
export const excerptOf = (answer: Answer, destination: Destination): string | null => {
  const text = answer.kind === 'answer' ? answer.body : answer.detail
  // Hide before cutting, so that no half of a secret is left at the cut.
  const safe = secretsOf(destination).reduce(
    (rest, secret) => rest.replaceAll(secret, HIDDEN),
    text.slice(0, 8 * EXCERPT_MAX),
  )
  const shown = safe.toWellFormed().replace(CONTROL, ' ').trim()
  if (shown === '') return null
  return shown.length > EXCERPT_MAX ? `${shown.slice(0, EXCERPT_MAX).toWellFormed()}…` : shown
}

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]+/gu

/** The secret settings, and the path and query of a secret address: the host alone tells nothing. Longest first. */
const secretsOf = ({ kind, settings }: Destination): string[] => {
  const secrets: string[] = []
  for (const [name, setting] of Object.entries(kind.settings)) {
    if (setting.type !== 'secret' && setting.type !== 'secrets' && !setting.isSecret) continue
    for (const value of [settings[name] ?? []].flat()) {
      secrets.push(value)
      const url = setting.type === 'url' ? URL.parse(value) : null
      if (url) secrets.push(`${url.pathname}${url.search}`, url.pathname, url.search)
    }
  }
  return secrets.filter(secret => secret.length >= 4).sort((a, b) => b.length - a.length)
}
