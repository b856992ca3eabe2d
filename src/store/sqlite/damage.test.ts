/** Before data files are given up for damaged they are looked at, by a process of its own. */
import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fillFolder } from '../../../test/support/filled.ts'
import { isDamaged } from './damage.ts'
import { openDatabase } from './database.ts'

let folder: string
let path: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'support-relay-damage-'))
  fillFolder(folder, 200)
  path = join(folder, 'support-relay.db')
})
after(() => rmSync(folder, { recursive: true }))

const overwrite = (at: number, bytes: Uint8Array) => {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}

test('a sound file is not damaged, and whoever uses it keeps its locks', { skip: process.platform !== 'linux' }, () => {
  const db = openDatabase(path)
  db.prepare('select count(*) from tickets').get()
  const { ino } = statSync(path)
  const held = () =>
    readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .filter(line => line.includes(` ${process.pid} `) && line.includes(`:${ino} `)).length
  const locks = held()
  assert.ok(locks > 0)
  assert.equal(isDamaged(path), false)
  assert.equal(held(), locks)
  db.close()
})

test('a file that cannot be read is not called damaged', () => {
  assert.equal(isDamaged(folder), false)
})

test('an index that does not tell what its table holds is damage, and so is a page of something else', () => {
  const db = openDatabase(path)
  const row = db
    .prepare(
      "select rootpage, (select page_size from pragma_page_size) as bytes from sqlite_schema where name = 'tickets_by_id'",
    )
    .get()
  db.close()
  const [page, bytes] = [Number(row?.rootpage), Number(row?.bytes)]
  const whole = readFileSync(path).subarray((page - 1) * bytes, page * bytes)
  // One of its entries less: a page that was never written, with an older one in its place.
  const older = Buffer.from(whole)
  older.writeUInt16BE(older.readUInt16BE(3) - 1, 3)
  overwrite((page - 1) * bytes, older)
  assert.equal(isDamaged(path), true)
  overwrite((page - 1) * bytes, Buffer.alloc(bytes, 7))
  assert.equal(isDamaged(path), true)
  overwrite((page - 1) * bytes, whole)
  assert.equal(isDamaged(path), false)
})
