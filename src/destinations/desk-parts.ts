/** What help desks have in common: who writes, and what they refuse. */
import { cutText, utf16Units } from '../domain/cut.ts'
import { LEFT_OUT } from '../domain/redaction.ts'
import { oneLine } from '../domain/text.ts'
import { plainLine, quotedBlock } from './dialects.ts'
import { shaped, urlProblem } from './settings.ts'
import type { TextForm } from './text-message.ts'
import type { Entry } from './tracker.ts'

export const site = shaped(
  { title: 'Address of the help desk', type: 'url', problem: urlProblem },
  /^(?!.*\/(?:agent|a|issues|projects|tickets|Ticket)\b)/,
  'This is a page of the help desk: write its address alone.',
)
export const plainText = (max: number): TextForm => ({ max, measure: utf16Units, line: plainLine, block: quotedBlock })
/** Whole messages fit. */
export const WHOLE = plainText(1_000_000)
export const PAYLOAD = { 400: 'refused', 413: 'refused', 422: 'refused' } as const
/** What they say of a setting of ours. */
export const NO_GROUP = { status: 422, at: '/error', words: /^No lookup value found for 'group'/ }
export const NO_QUEUE = { status: 400, at: '/message', words: /^(?:Invalid|Could not .{4,14}) queue\b/i }
export const NO_PROJECT = {
  status: 422,
  at: '/errors',
  words: /^(?!Subject|Description)[\p{L} ]+ (?:is not included in the list|cannot be blank)/u,
}
/** A field that they were set to ask for. */
export const NO_FIELD = { status: 400, at: '/errors/0/code', words: /^missing_field$/ }

/** The writer's address, if it is one that a help desk will take. */
export const emailOf = ({ event }: Entry): string | undefined => {
  const email = event?.ticket.user.email ?? ''
  return /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(email) ? email : undefined
}
/** A name that a help desk will take: letters, digits and what stands between them; nobody's where it was left out. */
export const nameOf = ({ event }: Entry): string => {
  if (event === null) return 'Support Relay'
  const { name, username } = event.ticket.user
  return [name ?? '', username].map(tame).find(text => /[\p{L}\p{N}]/u.test(text)) ?? 'User'
}
const tame = (name: string): string =>
  name.includes(LEFT_OUT)
    ? ''
    : cutText(name.replace(/[^\p{L}\p{M}\p{N}.'-]+/gu, ' ').trim(), NAME_MAX_UNITS)
        .replace('…', '')
        .trim()
const NAME_MAX_UNITS = 80

/** The writer, where a help desk knows people by an id; whoever was left out is somebody else with each ticket. */
export const writerId = ({ event }: Entry): string => {
  if (event === null) return 'support-relay'
  const { user, reference } = event.ticket
  return user.username.includes(LEFT_OUT) ? reference : oneLine(user.username)
}
