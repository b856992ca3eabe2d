/** Tickets as the lists of pages show them: short, whatever their length. */
import type { ListedTicket, StaffTicket } from '#pages'
import type { DeliveryState, Ticket } from '../api/ticket.ts'
import type { ReferenceCode } from '../domain/reference.ts'
import type { Store, StoredDelivery } from '../domain/store.ts'
import { cutText, oneLine } from '../domain/text.ts'

const SUBJECT_UNITS = 200
const PREVIEW_UNITS = 160

export const listed = ({ id, reference, createdAt, status, type, ...ticket }: Ticket): ListedTicket => {
  const subject = lineOf(ticket.subject, SUBJECT_UNITS) || '(no subject that can be shown)'
  const preview = lineOf(ticket.message, PREVIEW_UNITS)
  // A subject that was made of the message's first line would be read twice.
  return { id, reference, createdAt, status, type, subject, preview: preview === subject ? '' : preview }
}

/** Cut before it is cleaned, as cleaning a long text takes its time, and after. */
const lineOf = (text: string, units: number): string => cutText(oneLine(text.slice(0, 4 * units)), units)

export const forStaff = async (
  { store, references }: { readonly store: Pick<Store, 'deliveries'>; readonly references: ReferenceCode },
  ticket: Ticket,
): Promise<StaffTicket> => {
  const ticketNumber = references.parse(ticket.reference) ?? 0
  const deliveries = worstOfEach(await store.deliveries({ ticketNumber }))
  return { ...listed(ticket), from: lineOf(ticket.user.name ?? ticket.user.username, PREVIEW_UNITS), deliveries }
}

const SEVERITY: Readonly<Record<DeliveryState, number>> = { DELIVERED: 0, PENDING: 1, DEAD: 2 }

const worstOfEach = (deliveries: readonly StoredDelivery[]): StaffTicket['deliveries'] => {
  const worst = new Map<string, StaffTicket['deliveries'][number]>()
  for (const { progress, state } of deliveries) {
    const known = worst.get(progress.destination)
    if (known && SEVERITY[known.state] >= SEVERITY[state]) continue
    worst.set(progress.destination, { destination: progress.destination, state, attempts: progress.attempts })
  }
  return [...worst.values()]
}

/** What a parameter says, if it is one of these. */
export const oneOf = <T extends string>(known: readonly T[], given: string): T | null =>
  known.find(value => value === given) ?? null
