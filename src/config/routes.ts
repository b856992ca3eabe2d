/** The routes of a configuration file: which ticket goes to which destinations. */
import type { Route } from '../domain/routing.ts'
import { condition, conditionKeys } from './conditions.ts'
import type { Found, List } from './document.ts'
import { isEmpty, kindInWords, optional, readKeys, required, section, type Type } from './keys.ts'
import { didYouMean } from './nearest.ts'
import type { Findings, Place } from './problem.ts'
import { oneOrMore, scalarOf, shown } from './types.ts'

/** `names` are the destinations there are; undefined when that cannot be known, and then every name will do. */
export const routeKeys = (names: readonly string[] | undefined) => ({
  when: optional(section(conditionKeys), null, {
    meaning: 'What must be true of the ticket. All keys must match; of several values of one key, any one is enough.',
    shown: 'everything: the fallback',
  }),
  to: required(oneOrMore(destinationName(names)), {
    meaning: 'The destinations that get the ticket.',
    example: '[support]',
  }),
})

const listForm = 'a list of rules, the last of them without `when`'

export const routes = (names: readonly string[] | undefined): Type<readonly Route[]> => ({
  form: listForm,
  read(found, findings) {
    if (found.kind !== 'list') {
      const what = `Here stands ${kindInWords(found)}; it must be ${listForm}.`
      if (found.kind !== 'broken') findings.problem(found.place, what, 'Begin every rule with "- ".')
      return undefined
    }
    const read = found.items.map(item => readRoute(item, names, findings))
    const isClosed = tellUnlessClosed(found, findings)
    const sound = read.filter(route => route !== undefined)
    return isClosed && sound.length === read.length ? sound : undefined
  },
})

const readRoute = (found: Found, names: readonly string[] | undefined, findings: Findings): Route | undefined => {
  const values = readKeys(routeKeys(names), found, findings)
  const when = found.kind === 'group' ? found.entries.get('when') : undefined
  if (when !== undefined && asksNothing(when.value)) {
    // More often a slip of the indentation than meant, and as the fallback it would swallow every ticket.
    findings.problem(
      when.keyPlace,
      '"when" asks for nothing.',
      'Indent its keys below it, or remove "when" to make this rule the fallback.',
    )
    return undefined
  }
  if (values === undefined) return undefined
  const to = [...new Set(values.to)]
  if (to.length < values.to.length) {
    findings.warning(
      found.place,
      'A destination is named twice in this rule; it gets the ticket once.',
      'Remove one of the two.',
    )
  }
  return { when: values.when === null ? null : condition(values.when), to }
}

const asksNothing = (when: Found) =>
  isEmpty(when) || (when.kind === 'group' && [...when.entries.values()].every(entry => isEmpty(entry.value)))

/** Exactly one rule without `when`, and that the last. */
const tellUnlessClosed = (list: List, findings: Findings): boolean => {
  const fallbacks: readonly { readonly place: Place; readonly index: number }[] = list.items.flatMap((item, index) =>
    item.kind === 'group' && !item.entries.has('when') ? [{ place: item.place, index }] : [],
  )
  const early = fallbacks.filter(({ index }) => index < list.items.length - 1)
  for (const { place } of early) {
    const what = 'This rule has no `when`, so it takes every ticket and the rules below it get none.'
    findings.problem(place, what, 'Give it a `when`, or make it the last.')
  }
  if (fallbacks.length > 0) return early.length === 0
  const what = 'There is no fallback: a ticket that no rule matches would reach nobody.'
  findings.problem(list.place, what, 'Add a last rule without `when`, such as: - { to: [support] }')
  return false
}

/** The name of one of the file's destinations; `names` undefined when they cannot be known, and then every name will do. */
export function destinationName(names: readonly string[] | undefined): Type<string> {
  const form = 'the name of a destination'
  return {
    form,
    read(found, findings) {
      const scalar = scalarOf(found, form, findings)
      if (scalar === undefined) return undefined
      // `1` and `01` are names too; as typed, since YAML takes them for numbers.
      const name = typeof scalar.value === 'string' ? scalar.value : scalar.source
      if (names === undefined || names.includes(name)) return name
      const guess = scalar.isInserted ? '' : didYouMean(name, names)
      findings.problem(
        found.place,
        `${shown(scalar)} is not a destination of this file.`,
        `Write ${form}.${guess} There are: ${names.join(', ')}.`,
      )
      return undefined
    },
  }
}
