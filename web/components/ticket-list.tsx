/** What lists of tickets have in common. */
import type { Ticket } from '../../src/api/ticket.ts'

export type ListedTicket = Pick<Ticket, 'id' | 'reference' | 'createdAt' | 'status' | 'type' | 'subject'> & {
  /** The beginning of the message, on one line; empty when the subject says as much. */
  readonly preview: string
}

/** Filters and the place in the list, as the address holds them; what is empty is left out. */
export const addressOf = (path: string, parameters: Readonly<Record<string, string | null>>): string => {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

export const Pages = ({
  first,
  next,
}: {
  /** Null on the first page. */
  first: string | null
  next: string | null
}) =>
  first || next ? (
    <nav class="row pages" aria-label="Pages">
      {first && (
        <a class="button small" href={first}>
          Newest
        </a>
      )}
      {next && (
        <a class="button small" href={next} rel="next">
          Older
        </a>
      )}
    </nav>
  ) : null
