/** What a route or a destination may ask of a ticket, as keys of the configuration. */
import { roles, ticketTypes } from '../api/ticket.ts'
import { type Condition, NO_TYPE } from '../domain/routing.ts'
import { optional, type Read, type Type } from './keys.ts'
import { oneOf, oneOrMore, text } from './types.ts'

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

export const condition = (asked: Read<typeof conditionKeys>): Condition => ({
  ...(asked.type && { type: asked.type }),
  ...(asked.role && { role: asked.role }),
  ...(asked.organization && { organization: asked.organization }),
  ...(asked.mailDomain && { mailDomain: asked.mailDomain }),
  ...(asked.project && { project: asked.project }),
  ...(asked.text && { text: asked.text }),
})

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
