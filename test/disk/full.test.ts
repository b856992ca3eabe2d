/** A disk that is full: never a false yes, nothing lost, and back by itself. Needs the right to mount a small file system. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import webhook from '../../src/destinations/webhook.ts'
import { mountMemoryDisk } from '../support/memory-disk.ts'
import { startReceiver } from '../support/receiver.ts'
import { configurationFor, post, run, startProgram } from '../support/service.ts'
import { HOOKS } from '../support/two-hooks.ts'
import { onDisk } from './stage.ts'

const probe = mountMemoryDisk(1)
probe?.unmount()
const skip = probe ? false : 'a small file system cannot be mounted here'
const NEARLY_FULL_BYTES = 4 * 1024 * 1024

test('UCloud 21: not a byte is free any more: no yes, nothing ends; with space it goes on by itself', { skip }, t =>
  onDisk(t, 'full', async ({ disk, sick, back }) => {
    disk?.fill(0)
    await sick()
    disk?.empty()
    await back()
  }),
)

test(
  'nearly full, stopped and started again: what is stored is delivered, nothing is taken until there is space',
  {
    skip,
  },
  t =>
    onDisk(t, 'again', async ({ disk, load, sick, back, start, end }) => {
      disk?.fill(NEARLY_FULL_BYTES)
      await sick()
      assert.equal(await end('SIGTERM'), 0)
      const before = load.answered.length
      const { address } = await start()
      const status = await fetch(`${address}/status`)
      assert.equal(status.status, 503)
      assert.match((await status.json()).why, /disk is nearly full/)
      await sick()
      assert.deepEqual([...new Set(load.answered.slice(before).map(({ status }) => status))], [503])
      disk?.empty()
      await back()
    }),
)

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(
    `not a byte is free, ended by ${signal} and started again: it says so, takes nothing, and goes on with space`,
    { skip },
    t =>
      onDisk(t, signal, async stage => {
        const { disk, load, sick, back, start, end } = stage
        disk?.fill(0)
        await sick()
        stage.mayRepeat = HOOKS.length * webhook.concurrency
        await end(signal)
        // Whoever opens the data makes this one anew, and needs space for it: that is what the ballast is for.
        rmSync(join(disk?.path ?? '', 'data', 'support-relay.db-shm'), { force: true })
        disk?.fill(0)
        const before = load.answered.length
        await start()
        await sick()
        assert.deepEqual([...new Set(load.answered.slice(before).map(({ status }) => status))], [503])
        disk?.empty()
        await back()
      }),
  )
}

test('on a disk without any space a new folder cannot be begun: it says so, and starts once there is some', {
  skip,
}, async () => {
  const disk = mountMemoryDisk(32) ?? assert.fail()
  const receiver = await startReceiver()
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const config = join(folder, 'support-relay.yaml')
  writeFileSync(config, configurationFor(receiver.url))
  const args = ['serve', '--config', config, '--data', join(disk.path, 'data')]
  try {
    disk.fill(0)
    const { code, stderr } = await run(args)
    assert.equal(code, 3)
    assert.match(stderr, /disk of the data folder .* is full\. Nothing was lost/)
    disk.empty()
    const service = await startProgram(args, folder)
    assert.equal((await post(service.address, { message: 'm' })).status, 200)
    await receiver.seen(2)
    assert.equal(await service.end('SIGTERM'), 0)
  } finally {
    await receiver.close()
    disk.unmount()
    rmSync(folder, { recursive: true })
  }
})
