/** The database server's own disk is full: never a false yes, nothing lost, and back by itself. Needs the right to mount a small file system. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { mountMemoryDisk } from './support/memory-disk.ts'
import { startPostgres } from './support/postgres-server.ts'
import { startReceiver } from './support/receiver.ts'
import { post, run, startProgram } from './support/service.ts'
import { HOOKS, twoHooks } from './support/two-hooks.ts'

const SERVER_MEGABYTES = 160
const disk = mountMemoryDisk(SERVER_MEGABYTES)
const skip = disk ? false : 'a small file system cannot be mounted here'
/** More than what is free in the pages that tables have already. */
const message = 'Nothing works. '.repeat(4_000)

test('the database has no disk left: refused, alive, and with space it goes on without a restart', {
  skip,
}, async t => {
  assert.ok(disk)
  t.after(() => disk.unmount())
  const server = await startPostgres([], disk.path)
  t.after(() => server.end())
  const receiver = await startReceiver()
  t.after(() => receiver.close())
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'support-relay.yaml')
  const store = `postgres://postgres@127.0.0.1:${server.port}/postgres`
  writeFileSync(config, `${twoHooks(receiver.url)}store: "${store}"\n`)
  const service = await startProgram(['serve', '--config', config], folder)
  t.after(() => service.child.kill('SIGKILL'))
  const stored: string[] = []
  const unclear: string[] = []
  let sent = 0
  const send = async () => {
    sent += 1
    const subject = `Number ${sent}`
    const answer = await post(service.address, { subject, message })
    const said = await answer.text()
    if (answer.status === 200) stored.push(subject)
    else {
      assert.equal(answer.status, 503, said)
      assert.ok(answer.headers.get('retry-after'))
      if (!/nothing was (stored|changed)|not stored/i.test(said)) unclear.push(subject)
    }
    return answer.status
  }
  const sendUntil = async (status: number) => {
    for (const from = sent; (await send()) !== status; ) assert.ok(sent < from + 400, `never a ${status}`)
  }
  assert.equal(await send(), 200)
  disk.fill(0)
  await sendUntil(503)
  assert.equal((await fetch(`${service.address}/livez`)).status, 200)
  assert.equal(service.child.exitCode, null)
  disk.empty()
  await sendUntil(200)
  await receiver.seen(HOOKS.length * stored.length)
  assert.equal(await service.end('SIGTERM'), 0)
  const { items } = JSON.parse((await run(['tickets', '--config', config, '--json', '--limit', '500'])).stdout)
  const subjects = items.map(({ subject }: { subject: string }) => subject)
  assert.deepEqual(
    stored.filter(subject => !subjects.includes(subject)),
    [],
    'nothing that was said to be stored is missing',
  )
  assert.deepEqual(
    subjects.filter((subject: string) => !stored.includes(subject) && !unclear.includes(subject)),
    [],
  )
  const ids = receiver.received.map(({ headers }) => `${headers['webhook-id']}`)
  assert.equal(new Set(ids).size, ids.length, 'each delivered once')
})
