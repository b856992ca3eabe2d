/** In the real program what was accepted, or commented by whoever may, is found within two seconds, and nothing that it waits for is lost by a kill. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { referenceCode } from '../src/domain/reference.ts'
import { searchClauses } from '../src/domain/search-text.ts'
import { sqliteReads } from '../src/store/sqlite/core.ts'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { startReceiver } from './support/receiver.ts'
import { configurationFor, home, post } from './support/service.ts'

const WITHIN_MS = 2_000
const FILTER = { username: null, status: null, type: null, destination: null, delivery: null }

test('a ticket is found within two seconds, and after a kill right behind the answer as soon as the service is back', async () => {
  const receiver = await startReceiver()
  const place = home(configurationFor(receiver.url))
  try {
    const first = await place.start()
    const db = openDatabase(join(place.folder, 'data', 'support-relay.db'), { readOnly: true })
    const { search } = sqliteReads(db)
    const finds = (word: string) => {
      const clauses = searchClauses(word, referenceCode(new Uint8Array(16)))
      return search({ clauses, filter: FILTER, from: null, to: null, before: null, limit: 5 }).tickets.length > 0
    }
    const isFoundInTime = async (word: string) => {
      for (const end = performance.now() + WITHIN_MS; !finds(word); )
        if (performance.now() > end) assert.fail(`${word} is not found after ${WITHIN_MS} ms`)
        else await new Promise(resolve => setTimeout(resolve, 20))
    }
    await post(first.address, { subject: 'Printer', message: 'The toner is empty.' })
    await isFoundInTime('toner')
    await post(first.address, { subject: 'Printer', message: 'Now it smokes.' })
    await first.end('SIGKILL')
    const second = await place.start()
    await isFoundInTime('smokes')
    db.close()
    await second.end('SIGTERM')
  } finally {
    await place.dispose()
    await receiver.close()
  }
})
