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
  db.exec('pragma wal_checkpoint(truncate)')
  const id = Buffer.from(db.prepare('select max(id) as id from tickets').get()?.id as Uint8Array)
  const bytes = Number(db.prepare('pragma page_size').get()?.page_size)
  db.close()
  const file = readFileSync(path)
  const pages = Array.from({ length: file.length / bytes }, (_, page) =>
    file.subarray(page * bytes, (page + 1) * bytes),
  )
  // A leaf of an index (https://sqlite.org/fileformat2.html#b_tree_pages); its last entry, so the order stays as it was.
  const at = pages.findIndex(page => page[0] === LEAF_OF_INDEX && page.includes(id))
  const whole = Buffer.from(pages[at] ?? assert.fail())
  const other = Buffer.from(whole)
  other.writeUInt8(0xff, other.indexOf(id) + id.length - 1)
  for (const [page, expected] of [
    [other, true],
    [Buffer.alloc(bytes, 7), true],
    [whole, false],
  ] as const) {
    overwrite(at * bytes, page)
    assert.equal(isDamaged(path), expected)
  }
})

const LEAF_OF_INDEX = 0x0a
