/** A disk that is full: never a false yes, nothing lost, and back by itself. Needs the right to mount a small file system. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { startReceiver } from './support/receiver.ts'
import { configurationFor, post, run, startProgram } from './support/service.ts'

const mount = mkdtempSync(join(tmpdir(), 'support-relay-disk-'))
const canMount = (() => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', mount], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
const skip = canMount ? false : 'a small file system cannot be mounted here'
test.after(() => {
  if (canMount) execFileSync('umount', ['-l', mount])
  rmdirSync(mount)
})

const filler = join(mount, 'filler')
const freeBytes = () => statfsSync(mount).bavail * statfsSync(mount).bsize
/** Leaves this much. */
const fill = (leaveBytes: number) => writeFileSync(filler, Buffer.alloc(Math.max(0, freeBytes() - leaveBytes)))
const empty = () => rmSync(filler)

test('UCloud 21: a full disk gets 503 and no yes, and ends nothing; what is stored is delivered; with space it goes on by itself', {
  skip,
}, async () => {
  const receiver = await startReceiver()
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const config = join(folder, 'support-relay.yaml')
  writeFileSync(config, configurationFor(receiver.url))
  const service = await startProgram(['serve', '--config', config, '--data', join(mount, 'data')], folder)
  const message = 'x'.repeat(100_000)
  try {
    const before = await post(service.address, { message })
    assert.equal(before.status, 200)
    await receiver.seen(2)

    fill(4 * 1024 * 1024)
    const refused = await post(service.address, { message }, { 'idempotency-key': 'k' })
    const problem = await refused.json()
    assert.deepEqual([refused.status, problem.errorCode], [503, 'STORE_UNAVAILABLE'])
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    const status = await fetch(`${service.address}/status`)
    assert.equal(status.status, 503)
    assert.match((await status.json()).why, /disk is nearly full/)
    assert.equal((await fetch(`${service.address}/livez`)).status, 200)

    empty()
    assert.equal((await fetch(`${service.address}/status`)).status, 200)
    const after = await post(service.address, { message }, { 'idempotency-key': 'k' })
    assert.equal(after.status, 200)
    await receiver.seen(4)
    assert.equal(await service.end('SIGTERM'), 0)
  } finally {
    await receiver.close()
    rmSync(folder, { recursive: true })
  }
})

test('on a disk without any space it does not start, says so, and loses nothing', { skip }, async () => {
  const receiver = await startReceiver()
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const config = join(folder, 'support-relay.yaml')
  writeFileSync(config, configurationFor(receiver.url))
  fill(0)
  const { code, stderr } = await run(['serve', '--config', config, '--data', join(mount, 'data')])
  assert.equal(code, 3)
  assert.match(stderr, /disk of the data folder .* is full\. Nothing was lost/)
  empty()
  const service = await startProgram(['serve', '--config', config, '--data', join(mount, 'data')], folder)
  assert.equal((await post(service.address, { message: 'm' })).status, 200)
  await receiver.seen(2)
  assert.equal(await service.end('SIGTERM'), 0)
  await receiver.close()
  rmSync(folder, { recursive: true })
})
