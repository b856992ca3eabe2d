/** The settings of a kind of destination, as keys: made from the descriptors that the kind brings along. */
import type { DestinationKind, Setting, Settings } from '../domain/destination.ts'
import { child, type Found } from './document.ts'
import { type Key, optional, readKeys, required, type Type } from './keys.ts'
import type { Findings } from './problem.ts'
import { headers, tree } from './trees.ts'
import { oneOrMore, secretLine, text, webUrl } from './types.ts'

type Value = string | readonly string[]

const settingKeys = (kind: DestinationKind): Readonly<Record<string, Key<Value | null>>> =>
  Object.fromEntries(Object.entries(kind.settings).map(([name, setting]) => [name, settingKey(setting, kind)]))

/** What a destination of this kind was given; undefined after a problem was told. `alsoKnown` are the keys every destination has. */
export const readSettings = (
  kind: DestinationKind,
  found: Found,
  findings: Findings,
  alsoKnown: readonly string[],
): Settings | undefined => {
  const values = readKeys(settingKeys(kind), found, findings, alsoKnown)
  if (values === undefined) return undefined
  const settings: Record<string, Value> = {}
  for (const [name, value] of Object.entries(values)) if (value !== null) settings[name] = value
  return tellIncomplete(kind, settings, found, findings) ? undefined : settings
}

/** A login without its password, or the reverse, would be no login at all, and nobody would see it. */
const tellIncomplete = (kind: DestinationKind, settings: Settings, found: Found, findings: Findings): boolean => {
  const incomplete = Object.keys(settings).flatMap(name => {
    const needs = kind.settings[name]?.needs
    return needs === undefined || settings[needs] !== undefined ? [] : [{ name, needs }]
  })
  for (const { name, needs } of incomplete) {
    const what = `"${name}" stands here without "${needs}", so it would not be used.`
    findings.problem(child(found, name)?.place ?? found.place, what, `Add "${needs}", or remove "${name}".`)
  }
  return incomplete.length > 0
}

const settingKey = (setting: Setting, kind: DestinationKind): Key<Value | null> => {
  const type = settingType(setting, kind)
  const description = { meaning: setting.title }
  return setting.optional ? optional(type, null, description) : required(type, description)
}

const settingType = (setting: Setting, kind: DestinationKind): Type<Value> => {
  switch (setting.type) {
    case 'url':
      return checked(webUrl(), setting, kind)
    case 'secret':
      return checked(secretLine(), setting, kind)
    case 'secrets':
      return oneOrMore(checked(secretLine(), setting, kind))
    case 'text':
      return checked(text(), setting, kind)
    case 'tree':
      return checked(tree, setting, kind)
    case 'headers':
      return checked(headers, setting, kind)
    default:
      return setting.type satisfies never
  }
}

/** The type, and the kind's own opinion of the value. */
const checked = (type: Type<string>, setting: Setting, kind: DestinationKind): Type<string> => ({
  form: type.form,
  read(found, findings) {
    const isWrongList = found.kind === 'list' && setting.onlyOne !== undefined
    const value = isWrongList ? '' : type.read(found, findings)
    const sentence = isWrongList ? setting.onlyOne : value === undefined ? undefined : setting.problem?.(value)
    if (value === undefined || sentence === undefined) return value
    const hint = kind.documentation === undefined ? '' : ` See ${kind.documentation}`
    findings.problem(found.place, withoutValue(sentence, value), `Correct "${setting.title}".${hint}`)
    return undefined
  },
})

/** No secret is shorter, and the letters of a shorter value occur in any sentence. */
const QUOTABLE_LENGTH = 4

/** A kind's sentence may quote the value, which may be a secret or come from the environment. */
const withoutValue = (sentence: string, value: string) =>
  value.length < QUOTABLE_LENGTH ? sentence : sentence.replaceAll(value, '…')
