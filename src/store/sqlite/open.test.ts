import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ticket } from '../../../test/contracts/store/arrange.ts'
import { systemRandom } from '../../domain/clock.ts'
import { openDatabase } from './database.ts'
import { openWriter } from './open.ts'

test('a file that a backup reads is opened at a start without waiting, and after a failed write not before the backup has ended', () => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const path = join(folder, 'support-relay.db')
  const options = { random: systemRandom, now: () => 0 }
  try {
    const first = openWriter(path, options)
    const reader = openDatabase(path, { readOnly: true })
    reader.exec('begin')
    reader.prepare('select count(*) from tickets').get()
    first.writes.batch({ tickets: [ticket()], settlements: [] })
    first.db.close()

    openWriter(path, options).db.close()
    assert.throws(() => openWriter(path, { ...options, isAgain: true }), /is being read, by a backup perhaps/)
    reader.exec('commit')
    openWriter(path, { ...options, isAgain: true }).db.close()
    reader.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
