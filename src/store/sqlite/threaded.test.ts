import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after } from 'node:test'
import { storeContract } from '../../../test/contracts/store.ts'
import { systemClock } from '../../domain/clock.ts'
import { openThreadedStore, type ThreadedStore } from './threaded.ts'

const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
const open = () =>
  openThreadedStore(folder, {
    clock: systemClock,
    onFatal: error => {
      throw error
    },
  })
let opened: ThreadedStore | undefined
const close = async () => {
  await opened?.close()
  opened = undefined
}
after(async () => {
  await close()
  rmSync(folder, { recursive: true })
})

/** As it was when it was new, but for its keys: two threads that start cost a case more than all it asks of them. */
const empty = (): void => {
  const db = new DatabaseSync(join(folder, 'support-relay.db'), { timeout: 5_000 })
  const tables = db
    .prepare("select name from sqlite_master where type = 'table' and name <> 'meta' and name not like 'search%'")
    .all()
  const emptied = [...tables.map(({ name }) => `delete from ${name}`), 'delete from search_queue']
  const unsearched = ["insert into search (search) values ('delete-all')", 'update search_progress set number = 0']
  db.exec(['begin immediate', ...emptied, ...unsearched, 'commit'].join(';'))
  db.close()
}

storeContract('the threads', async () => {
  const current = async () => {
    opened ??= await open()
    return { ...opened, close }
  }
  return {
    store: await current(),
    async reopen() {
      await close()
      return current()
    },
    dispose: async () => empty(),
  }
})
