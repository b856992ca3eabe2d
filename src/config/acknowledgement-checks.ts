/** Destinations that write to the users: what they cannot be used for. */
import type { Destination } from '../domain/destination.ts'
import type { Route } from '../domain/routing.ts'
import { child, type Found } from './document.ts'
import type { Findings } from './problem.ts'

type Values = {
  readonly destinations: readonly Destination[]
  readonly routes: readonly Route[]
  readonly alerts: { readonly to: string | null }
}

export const tellAcknowledgements = (
  { destinations, routes, alerts }: Values,
  root: Found,
  findings: Findings,
): void => {
  const toWriter = destinations.filter(({ kind }) => kind.isToWriter)
  if (toWriter.length === 0) return
  const names = new Set(toWriter.map(({ name }) => name))
  const rules = child(root, 'routes')
  for (const [index, { to }] of routes.entries()) {
    const place = (rules?.kind === 'list' ? rules.items[index] : rules)?.place ?? root.place
    const writing = to.filter(name => names.has(name))
    if (writing.length === to.length)
      findings.problem(
        place,
        `${quoted(writing)} in this rule only writes to the user, so the ticket would reach nobody of the team.`,
        'Name a destination of the team beside it.',
      )
    else if (writing.length > 1)
      findings.problem(
        place,
        `${quoted(writing)} would each write to the user.`,
        'Name one of them; a ticket is acknowledged once.',
      )
  }
  if (alerts.to !== null && names.has(alerts.to)) {
    const place = child(child(root, 'alerts') ?? root, 'to')?.place ?? root.place
    findings.problem(place, `"${alerts.to}" writes to the users.`, 'Name a chat or a mailbox of the team.')
  }
  for (const { name, redact } of toWriter) {
    if (!redact?.includes('email')) continue
    const own = child(child(root, 'destinations') ?? root, name)
    const place = child(own ?? root, 'redact')?.place ?? root.place
    findings.problem(
      place,
      `Without the e-mail address "${name}" cannot write to the users.`,
      'Take `email` out of `redact`.',
    )
  }
}

const quoted = (names: readonly string[]): string => names.map(name => `"${name}"`).join(' and ')
