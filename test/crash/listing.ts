/** What the store holds at the end, as staff see it: every page of `browse`, for all tickets and for each destination. */
import type { Page, Ticket } from '../../src/api/ticket.ts'
import { token } from '../support/service.ts'
import type { Books } from './books.ts'
import { numberIn, RECEIVERS, type ReceiverName, ticketOf } from './tickets.ts'
import type { Stored } from './verdict.ts'

export const listStored = async (address: string, books: Books, seed: number): Promise<Stored> => {
  const tickets = new Set<number>()
  for await (const ticket of browse(address)) {
    const n = numberIn(seed, ticket.message)
    if (n === undefined) {
      books.violate(`the store holds what nobody wrote: ${ticket.message.slice(0, 100)}`)
      continue
    }
    if (tickets.has(n)) books.violate(`ticket ${n} is in the store twice`)
    if (ticket.message !== ticketOf(seed, n).message) books.violate(`ticket ${n} has another text than was written`)
    books.identify(n, ticket, 'the store')
    tickets.add(n)
  }
  const delivered = new Map<ReceiverName, Set<number>>()
  for (const { name } of RECEIVERS) {
    const there = new Set<number>()
    for await (const { message } of browse(address, `&filterDestination=${name}&filterDelivery=DELIVERED`))
      there.add(numberIn(seed, message) ?? 0)
    delivered.set(name, there)
  }
  return { tickets, delivered }
}

/** Whether every delivery in the store is recorded as ended. */
export const isAllRecorded = async (address: string): Promise<boolean> => {
  for await (const _pending of browse(address, '&filterDelivery=PENDING')) return false
  return true
}

async function* browse(address: string, filter = ''): AsyncGenerator<Ticket> {
  const headers = { authorization: `Bearer ${token({ sub: 'Staff#1', role: 'ADMIN' })}` }
  for (let next: string | null = ''; next !== null; ) {
    const from: string = next && `&next=${encodeURIComponent(next)}`
    const answer = await fetch(`${address}/api/support/browse?itemsPerPage=1000${filter}${from}`, { headers })
    if (answer.status !== 200) throw new Error(`browse answered ${answer.status}: ${await answer.text()}`)
    const page = (await answer.json()) as Page<Ticket> // the wire contract
    yield* page.items
    next = page.next
  }
}
