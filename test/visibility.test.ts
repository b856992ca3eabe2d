/** Nobody ever sees what is not theirs: random users, tickets and calls, against a model of ten lines. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type InProcess, startInProcess } from './support/in-process.ts'
import { configurationFor, token } from './support/service.ts'

let at: InProcess
before(async () => {
  at = await startInProcess({ configure: url => configurationFor(url, 'limits: { ticketsPerUserPerHour: 100000 }') })
})
after(() => at.stop())

const PEOPLE = 4
const TYPES = ['BUG', 'SUGGESTION', 'QUESTION', null] as const
const person = fc.nat(PEOPLE - 1)
/** Whose ticket, page or key is used, and which of them: what a caller may have overheard. */
const overheard = fc.tuple(person, fc.nat(2))
const itemsPerPage = fc.constantFrom(1, 2, 50)
const filter = {
  filterType: fc.constantFrom('BUG', 'SUGGESTION', 'QUESTION', 'bug'),
  filterStatus: fc.constantFrom('RECEIVED', 'CLOSED'),
  filterUser: person,
  filterDestination: fc.constantFrom('archive', 'nowhere'),
  filterDelivery: fc.constantFrom('PENDING', 'DELIVERED', 'DEAD'),
}
const filters = fc.oneof(
  fc.record({ itemsPerPage, ...filter }, { requiredKeys: ['itemsPerPage'] }),
  fc.record({ itemsPerPage, filterUser: filter.filterUser }, { requiredKeys: ['itemsPerPage'] }),
)
const call = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      who: person,
      type: fc.constantFrom(...TYPES),
      key: fc.option(fc.nat(2)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('browse' as const), who: person, filters, next: fc.option(overheard) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('retrieve' as const),
      who: person,
      ticket: overheard,
      by: fc.constantFrom('id' as const, 'reference' as const),
      more: fc.constantFrom('', '&includeTimeline=true', '&includeDeliveries=true'),
    }),
  },
)
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never
type Filters = {
  itemsPerPage: number
  filterUser?: number
  filterType?: string
  filterStatus?: string
  filterDestination?: string
  filterDelivery?: string
}
type Written = { id: string; reference: string; writer: number; type: string | null }

let histories = 0

const play = async (calls: readonly Call[]): Promise<void> => {
  histories += 1
  const run = histories
  const names = Array.from({ length: PEOPLE }, (_, i) => `User${i}#${run}`)
  const roles = names.map((_, i) => (i === 0 ? 'ADMIN' : 'USER'))
  const secretOf = (who: number) => `only-${names[who]}-wrote-this`
  const headers = names.map((sub, i) => ({
    authorization: `Bearer ${token({ sub, role: roles[i], email: `${sub.replace('#', '.')}@sdu.dk`, lastName: secretOf(i) })}`,
  }))
  const written: Written[] = []
  const keys = new Map<string, Written>()
  const pages: { owner: number; next: string; filters: Filters }[] = []
  const maySee = (who: number, { writer }: Written) => roles[who] === 'ADMIN' || writer === who

  const ask = async (who: number, path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${at.address}/api/support/${path}`, {
      ...init,
      headers: { ...headers[who], ...init.headers },
    })
    const text = await answer.text()
    if (roles[who] === 'USER')
      for (let other = 0; other < PEOPLE; other += 1)
        if (other !== who)
          assert.ok(!`${text} ${JSON.stringify([...answer.headers])}`.includes(names[other] ?? ''), `${path}: ${text}`)
    return { status: answer.status, headers: answer.headers, body: JSON.parse(text) }
  }

  for (const one of calls) {
    if (one.kind === 'write') {
      const key = one.key === null ? null : `key-${one.key}`
      const before = key === null ? undefined : keys.get(`${one.who} ${key}`)
      const { status, headers } = await ask(one.who, 'ticket', {
        method: 'POST',
        headers: { prefer: 'return=representation', ...(key && { 'idempotency-key': key }) },
        body: JSON.stringify({ message: secretOf(one.who), ...(one.type && { type: one.type }) }),
      })
      if (before && before.type !== one.type) assert.equal(status, 422)
      else if (before) assert.equal(headers.get('ticket-id'), before.id)
      else {
        assert.equal(status, 200)
        const ticket = {
          id: headers.get('ticket-id') ?? '',
          reference: headers.get('ticket-reference') ?? '',
          writer: one.who,
          type: one.type,
        }
        written.unshift(ticket)
        if (key) keys.set(`${one.who} ${key}`, ticket)
      }
    } else if (one.kind === 'retrieve') {
      const [owner, nth] = one.ticket
      const ticket = written.filter(({ writer }) => writer === owner)[nth]
      const { status, body } = await ask(one.who, `retrieve?id=${ticket?.[one.by] ?? 'SUP-0000-0000'}${one.more}`)
      if (roles[one.who] === 'USER' && one.more.includes('Deliveries')) assert.equal(status, 403)
      else if (!ticket || !maySee(one.who, ticket)) assert.deepEqual([status, body.errorCode], [404, 'NOT_FOUND'])
      else assert.deepEqual([status, body.id], [200, ticket.id])
    } else {
      const [owner, nth] = one.next ?? [0, 0]
      const page = one.next && pages.filter(page => page.owner === owner).at(-1 - nth)
      // A page is asked on as it was begun: what keeps it from somebody else's eyes must not be another filter.
      const filters: Filters = page?.filters ?? one.filters
      const { filterUser, ...rest } = filters
      const asked = {
        ...rest,
        ...(filterUser !== undefined && { filterUser: names[filterUser] }),
        ...(page && { next: page.next }),
      }
      const query = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]))
      const { status, body } = await ask(one.who, `browse?${query}`)
      if (filters.filterType === 'bug') assert.equal(status, 400)
      else if (page && page.owner !== one.who) assert.deepEqual([status, body.errorCode], [400, 'INVALID_PAGE_TOKEN'])
      else {
        assert.equal(status, 200)
        if (body.next) pages.push({ owner: one.who, next: body.next, filters })
        if (!page && filters.filterDelivery === undefined && roles[one.who] === 'USER') {
          const passing = written.filter(
            ticket =>
              maySee(one.who, ticket) &&
              (filterUser === undefined || ticket.writer === filterUser) &&
              (filters.filterType === undefined || ticket.type === filters.filterType) &&
              filters.filterStatus !== 'CLOSED' &&
              filters.filterDestination !== 'nowhere',
          )
          assert.deepEqual(
            body.items.map(({ id }: Written) => id),
            passing.slice(0, filters.itemsPerPage).map(({ id }) => id),
          )
        }
      }
    }
  }
}

test('whatever users call, with ids, pages and keys of others, they see their own tickets and nothing else', async () => {
  await fc.assert(fc.asyncProperty(fc.array(call, { minLength: 10, maxLength: 40 }), play), { seed: 4, numRuns: 100 })
})
