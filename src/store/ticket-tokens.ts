/** The tokens of a ticket's texts, as much of them as is made searchable: the same in every store. */
import { SEARCHED_UNITS, searchTokens } from '../domain/search-text.ts'

/** Whenever something is added to a ticket, all of it is read anew; so of very many long texts of one ticket the first are found. */
const TICKET_UNITS_MAX = 8 * SEARCHED_UNITS
/** A slice of making tickets searchable ends at this much text. */
export const SLICE_UNITS = 2 * SEARCHED_UNITS

export class TicketTokens {
  readonly #tokens = new Set<string>()
  #units = 0

  add(text: string): void {
    this.#units += text.length
    for (const token of searchTokens(text)) this.#tokens.add(token)
  }

  get tokens(): readonly string[] {
    return [...this.#tokens]
  }

  /** How much text was read, in UTF-16 units. */
  get units(): number {
    return this.#units
  }

  /** Whether what else the ticket holds is not read. */
  get isFull(): boolean {
    return this.#units >= TICKET_UNITS_MAX
  }
}
