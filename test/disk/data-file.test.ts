/** The data file alone cannot be written, while its log can: SQLite goes on and says nothing, until the log has filled the disk. */
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { configurationFor, home, post, token } from '../support/service.ts'
import { inject, whyNoTracing } from '../support/strace.ts'

const skip = whyNoTracing()
const MESSAGE = 'y'.repeat(150_000)
const LOG_BYTES = 64 * 1024 * 1024

test('a data file that cannot be written is told before the log has grown for long, nothing is lost, and it goes on by itself', {
  skip,
}, async () => {
  const at = home(configurationFor('http://127.0.0.1:9'))
  const file = join(at.folder, 'data', 'support-relay.db')
  try {
    const service = await at.start()
    let users = 0
    const write = async () => {
      users += 1
      const writer = { authorization: `Bearer ${token({ sub: `u${users}` })}` }
      return post(service.address, { message: MESSAGE }, writer)
    }
    const injection = await inject(service.child.pid ?? 0, 'pwrite64,fsync,fdatasync:error=EIO', file)
    let accepted = 0
    const logBytes = () => statSync(`${file}-wal`).size
    const isTold = async () => (await fetch(`${service.address}/status`)).status === 503
    // A machine that is slow for others' sake may refuse some before.
    for (let isRefused = false; !(isRefused && logBytes() > LOG_BYTES && (await isTold())); ) {
      const answers = await Promise.all(Array.from({ length: 16 }, write))
      accepted += answers.filter(({ status }) => status === 200).length
      isRefused = answers.every(({ status }) => status === 503)
      // A reader may keep a checkpoint from its work, so that the first look finds nothing.
      assert.ok(logBytes() < 3 * LOG_BYTES, `${logBytes()} bytes of log after ${accepted} tickets`)
    }
    await injection.stop()

    while ((await write()).status !== 200 || (await isTold()));
    await service.end('SIGKILL')
    const again = await at.start()
    const staff = { authorization: `Bearer ${token({ sub: 'staff', role: 'ADMIN' })}` }
    let stored = 0
    for (let next: string | null = ''; next !== null; ) {
      const from: string = next === '' ? '' : `&next=${encodeURIComponent(next)}`
      const page = await (
        await fetch(`${again.address}/api/support/browse?itemsPerPage=100${from}`, { headers: staff })
      ).json()
      stored += page.items.length
      next = page.next
    }
    assert.ok(stored >= accepted + 1, `${stored} of ${accepted + 1} are there`)
  } finally {
    await at.dispose()
  }
})
