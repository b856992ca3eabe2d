/** After a commit that failed nothing more is written on that connection: the log would hold what looks like damage. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { CommitFailed, openDatabase } from '../../src/store/sqlite/database.ts'
import { mountMemoryDisk } from '../support/memory-disk.ts'

test('a connection whose commit failed writes no more, also when there is space again; another one does', t => {
  const disk = mountMemoryDisk(4)
  if (!disk) return t.skip('a small file system cannot be mounted here')
  try {
    const path = join(disk.path, 'x.db')
    const db = openDatabase(path)
    db.exec('create table t (x)')
    const write = (bytes: number) => db.transaction(() => db.prepare('insert into t values (zeroblob(?))').run(bytes))
    write(10)
    disk.fill(0)
    assert.throws(() => write(200_000), CommitFailed)
    disk.empty()
    assert.throws(() => write(10), /has to be opened anew/)
    db.close()
    const again = openDatabase(path)
    again.transaction(() => again.prepare('insert into t values (1)').run())
    again.close()
  } finally {
    disk.unmount()
  }
})
