/** What is kept of an answer, for people: short, and without the secrets that a receiver may echo. */
import type { Destination } from '../domain/destination.ts'
import type { Answer } from '../domain/outcome.ts'

const EXCERPT_MAX = 500
const HIDDEN = '[hidden]'
/** Shorter secrets are words, and hiding them would tell where they stand. */
const SECRET_MIN = 4
/** A part of an address this long may be its password; shorter ones ("services") are words that an answer needs. */
const PART_MIN = 12
/** What base64 makes of less may stand anywhere. */
const BASE64_MIN = 6

/** The beginning of the answer's body, or why there was none; null when it was empty. */
export const excerptOf = (answer: Answer, destination: Destination): string | null => {
  const text = answer.kind === 'answer' ? answer.body : answer.detail
  // Hide before cutting, so that no half of a secret is left at the cut.
  const secrets = secretsIn(destination)
  const safe = secrets ? text.replace(secrets, HIDDEN) : text
  const shown = safe.toWellFormed().replace(CONTROL, ' ').trim()
  if (shown === '') return null
  return shown.length > EXCERPT_MAX ? `${shown.slice(0, EXCERPT_MAX).toWellFormed()}…` : shown
}

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]+/gu

const patterns = new WeakMap<Destination, RegExp | null>()

/** Any secret of the destination, longest first. Made once for each destination. */
const secretsIn = (destination: Destination): RegExp | null => {
  const known = patterns.get(destination)
  if (known !== undefined) return known
  const secrets = [...new Set(secretsOf(destination))].sort((a, b) => b.length - a.length)
  const spellings = [...secrets.flatMap(inBase64), ...secrets.map(spelled)]
  const pattern = spellings.length > 0 ? new RegExp(spellings.join('|'), 'gi') : null
  patterns.set(destination, pattern)
  return pattern
}

const SECRET_TYPES: ReadonlySet<string> = new Set(['secret', 'secrets', 'headers'])

/** The secret settings, and the path, the query and their long parts of a secret address: the host alone tells nothing. */
const secretsOf = ({ kind, settings }: Destination): string[] => {
  const secrets: string[] = []
  for (const [name, setting] of Object.entries(kind.settings)) {
    if (!SECRET_TYPES.has(setting.type) && !setting.isSecret) continue
    const given = [settings[name] ?? []].flat()
    const values = setting.type === 'headers' ? given.flatMap(text => Object.values<string>(JSON.parse(text))) : given
    for (const value of values) {
      secrets.push(value, value.trim())
      const url = setting.type === 'url' ? URL.parse(value) : null
      if (!url) continue
      const { href, pathname, search } = url
      const parts = `${pathname}${search}`.split(/[/?&=]/).filter(part => part.length >= PART_MIN)
      secrets.push(href, `${pathname}${search}`, pathname, search, ...parts)
    }
  }
  return secrets.filter(secret => secret.length >= SECRET_MIN)
}

/** The text as receivers write it in JSON (`\/`), in HTML (`&amp;`) and in addresses (`%2F`), too. */
const spelled = (secret: string): string =>
  Array.from(secret, character => {
    if (/[a-z0-9]/i.test(character)) return character
    const hex = (character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')
    const html = character === '&' ? '|&amp;' : ''
    return String.raw`(?:\\?${literal(character)}|%${hex}|\\u00${hex}${html})`
  }).join('')

/** What base64 makes of something longer that holds it, such as a name and a password: it may begin at any of three bits, and shares its first
 *  letter with what stands before it, which stays. */
const inBase64 = (secret: string): string[] => {
  const bytes = Buffer.from(secret)
  if (bytes.length < BASE64_MIN) return []
  return [0, 1, 2].map(before => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const inner = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
    return String.raw`${spelled(inner)}[\w+/=]*`
  })
}

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')
