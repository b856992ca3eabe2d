/** The routes of a configuration file: which ticket goes to which destinations. */
import { roles, ticketTypes } from '../api/ticket.ts'
import { type Condition, NO_TYPE, type Route } from '../domain/routing.ts'
import type { Found, List } from './document.ts'
import { isEmpty, kindInWords, optional, type Read, readKeys, required, section, type Type } from './keys.ts'
import { didYouMean } from './nearest.ts'
import type { Findings, Place } from './problem.ts'
import { oneOf, oneOrMore, scalarOf, shown, text } from './types.ts'

export const conditionKeys = {
  type: optional(oneOrMore(oneOf([...ticketTypes, NO_TYPE])), null, {
    meaning: `The ticket's type. \`${NO_TYPE}\` is the ticket without one, which no other value matches.`,
    shown: 'any',
  }),
  role: optional(oneOrMore(oneOf(roles)), null, { meaning: "The user's role.", shown: 'any' }),
  organization: optional(oneOrMore(text()), null, {
    meaning: "The user's organisation: the whole name, upper and lower case alike.",
    shown: 'any',
  }),
  mailDomain: optional(oneOrMore(mailDomain()), null, {
    meaning: "The domain of the user's mail address, and every domain below it: `sdu.dk` also takes `imada.sdu.dk`.",
    shown: 'any',
  }),
  project: optional(oneOrMore(text()), null, {
    meaning:
      'The id of the project the user was working in, exactly. Whether the token lists the project plays no part.',
    shown: 'any',
  }),
  text: optional(oneOrMore(text()), null, {
    meaning: 'Words in subject or message, meant literally, upper and lower case alike.',
    shown: 'any',
  }),
}

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

const condition = (asked: Read<typeof conditionKeys>): Condition => ({
  ...(asked.type && { type: asked.type }),
  ...(asked.role && { role: asked.role }),
  ...(asked.organization && { organization: asked.organization }),
  ...(asked.mailDomain && { mailDomain: asked.mailDomain }),
  ...(asked.project && { project: asked.project }),
  ...(asked.text && { text: asked.text }),
})

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

function mailDomain(): Type<string> {
  const form = 'a mail domain such as example.org'
  const any = text(form)
  return {
    form,
    read(found, findings) {
      const domain = any.read(found, findings)
      if (domain === undefined || /^[^\s@/*.][^\s@/*]*[^\s@/*.]$/.test(domain)) return domain?.toLowerCase()
      findings.problem(
        found.place,
        `The value is not ${form}.`,
        'Leave out what stands before the @, the @ itself, "*." and a dot at either end.',
      )
      return undefined
    },
  }
}
