/** A data folder with many tickets in it, made without the service: each with one delivery that is done. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemRandom } from '../../src/domain/clock.ts'
import { openWriter } from '../../src/store/sqlite/open.ts'
import { ticket } from '../contracts/store/arrange.ts'

export const fillFolder = (folder: string, count: number, message = 'x'.repeat(1_000)): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { db, writes } = openWriter(join(folder, 'support-relay.db'), { random: systemRandom, now: () => Date.now() })
  let users = 0
  const one = () => ticket({ username: `filler-${++users}`, message, destinations: ['archive'] })
  for (let left = count; left > 0; left -= 1_000) {
    writes.batch({ tickets: Array.from({ length: Math.min(left, 1_000) }, one), settlements: [] })
  }
  db.exec("update deliveries set state = 'DELIVERED', attempts = 1")
  db.close()
}
