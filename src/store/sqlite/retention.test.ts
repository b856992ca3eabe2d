import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { DAY, START, ticket } from '../../../test/contracts/store/arrange.ts'
import { systemRandom } from '../../domain/clock.ts'
import { openWriter } from './open.ts'

const withWriter = (use: (writer: ReturnType<typeof openWriter>, path: string) => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const path = join(folder, 'data.db')
  const writer = openWriter(path, { random: systemRandom, now: () => START })
  try {
    use(writer, path)
  } finally {
    writer.db.close()
    rmSync(folder, { recursive: true })
  }
}
let made = 0
const oneOf = (at: number, messageLength = 1_000) => {
  made += 1
  const time = at.toString(16).padStart(12, '0')
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${made.toString(16).padStart(12, '0')}`
  return ticket({
    id,
    createdAt: at,
    username: `user-${made % 50}`,
    limitPerHour: 1_000_000,
    message: 'x'.repeat(messageLength),
  })
}
const store = ({ writes }: ReturnType<typeof openWriter>, tickets: ReturnType<typeof ticket>[]) =>
  writes.batch({ tickets, settlements: [] })

test('a ticket to which something happened lately stays', () => {
  withWriter(writer => {
    store(writer, [oneOf(START), oneOf(START + 20 * DAY)])
    writer.db.exec(`update deliveries set state = 'DELIVERED';
      insert into events (ticket_number, event_number, kind, at) values (1, 2, 'COMMENTED', ${START + 10 * DAY})`)
    assert.equal(writer.writes.forgetTickets({ before: START + 10 * DAY, after: null, limit: 9 }).removed, 0)
    assert.equal(writer.writes.forgetTickets({ before: START + 10 * DAY + 1, after: null, limit: 9 }).removed, 1)
  })
})

test('nothing of a forgotten ticket is left in any table, and a slice ends at a megabyte of text', () => {
  withWriter(writer => {
    store(writer, [...Array.from({ length: 5 }, () => oneOf(START, 400_000)), oneOf(START + 2 * DAY)])
    writer.db.exec(`update deliveries set state = 'DELIVERED';
      insert into attempts select ticket_number, destination, event_number, 1, 0, 0, 'DELIVERED', 200, 'ok' from deliveries;
      insert into ticket_refs select ticket_number, destination, 'r' from deliveries`)
    const first = writer.writes.forgetTickets({ before: START + DAY, after: null, limit: 9 })
    assert.deepEqual([first.removed, first.isLast], [2, false])
    let slice = first
    while (!slice.isLast) slice = writer.writes.forgetTickets({ before: START + DAY, after: slice.after, limit: 9 })
    for (const table of ['tickets', 'events', 'deliveries', 'attempts', 'ticket_refs']) {
      const column = table === 'tickets' ? 'number' : 'ticket_number'
      const left = writer.db.prepare(`select distinct ${column} as number from ${table}`).all()
      assert.deepEqual(
        left.map(({ number }) => number),
        [6],
        table,
      )
    }
  })
})

test('what is forgotten leaves the pages of the search index too, which merges nothing by itself', () => {
  withWriter(writer => {
    const pages = () => Number(writer.db.prepare('select count(*) as n from search_data').get()?.n)
    const words = (nth: number) => Array.from({ length: 100 }, (_, i) => `w${nth}x${i}`).join(' ')
    for (let i = 0; i < 40; i += 1)
      store(
        writer,
        Array.from({ length: 50 }, (_, k) => ({ ...oneOf(START + i), message: words(i * 50 + k) })),
      )
    while (writer.writes.index({ limit: 50 }) > 0);
    writer.db.exec("update deliveries set state = 'DELIVERED'")
    const before = pages()
    let slice = { after: null as string | null, isLast: false }
    while (!slice.isLast) slice = writer.writes.forgetTickets({ before: START + DAY, after: slice.after, limit: 50 })
    assert.ok(pages() < before / 10, `${before} pages, then ${pages()}`)
    // With 60,000 tickets its own merges held the writer for a second.
    const settings = writer.db.prepare("select v from search_config where k = 'automerge'").all()
    assert.deepEqual(
      settings.map(({ v }) => v),
      [0],
    )
  })
})

test('the disk plateaus: what is freed is used again', () => {
  withWriter((writer, path) => {
    const pages = () => Number(writer.db.prepare('pragma page_count').get()?.page_count)
    const cycle = (nth: number) => {
      const at = START + nth * 10 * DAY
      for (let i = 0; i < 20; i += 1)
        store(
          writer,
          Array.from({ length: 50 }, (_, k) => oneOf(at + i, 100 + ((k * 997) % 5_000))),
        )
      writer.db.exec("update deliveries set state = 'DELIVERED' where state = 'PENDING'")
      let slice = { after: null as string | null, isLast: false }
      while (!slice.isLast) slice = writer.writes.forgetTickets({ before: at - DAY, after: slice.after, limit: 100 })
      return pages()
    }
    const sizes = Array.from({ length: 8 }, (_, nth) => cycle(nth))
    const [plateau = 0] = sizes.slice(2)
    assert.equal(Number(writer.db.prepare('select count(*) as n from tickets').get()?.n), 1_000)
    assert.ok(Math.max(...sizes) <= plateau * 1.03, sizes.join(' '))
    writer.db.exec('pragma wal_checkpoint(truncate)')
    assert.ok(statSync(path).size <= plateau * 1.03 * 1_024)
  })
})
