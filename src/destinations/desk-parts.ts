/** What help desks have in common: who writes, and what they refuse. */

import { utf16Units } from '../domain/cut.ts'
import type { Setting } from '../domain/destination.ts'
import { oneLine } from '../domain/text.ts'
import { plainLine, quotedBlock } from './dialects.ts'
import { urlProblem } from './settings.ts'
import type { TextForm } from './text-message.ts'
import type { Entry } from './tracker.ts'

export const site: Setting = { title: 'Address of the help desk', type: 'url', problem: urlProblem }
export const plainText = (max: number): TextForm => ({ max, measure: utf16Units, line: plainLine, block: quotedBlock })
/** Whole messages fit. */
export const WHOLE = plainText(1_000_000)
export const PAYLOAD = { 400: 'refused', 413: 'refused', 422: 'refused' } as const
/** What they say of a setting of ours. */
export const NO_GROUP = { status: 422, at: '/error', words: /^No lookup value found for 'group'/ }
export const NO_QUEUE = { status: 400, at: '/message', words: /^(?:Invalid queue|Could not .*\bqueue\b)/i }
export const NO_PROJECT = {
  status: 422,
  at: '/errors',
  words: /^(?:Project|Tracker|Status|Priority) (?:is not included in the list|cannot be blank)/,
}
export const path = (text: string) => encodeURIComponent(text)

/** The writer's address, if it is one that a help desk will take. */
export const emailOf = ({ event }: Entry): string | undefined => {
  const email = event?.ticket.user.email ?? ''
  return /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(email) ? email : undefined
}
export const nameOf = ({ event }: Entry): string => {
  const { name, username } = event?.ticket.user ?? { name: null, username: 'Support Relay' }
  return (
    oneLine(name ?? username)
      .slice(0, 80)
      .toWellFormed() || 'Support Relay'
  )
}
