/** Replay from the command line: beside the running service, on the folder of one that is stopped, and with a kill in the middle. */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openWriter } from '../src/store/sqlite/open.ts'
import { ticket } from './contracts/store/arrange.ts'
import { random } from './support/engine-stage.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { configurationFor, type Home, home, run } from './support/service.ts'

const COUNT = 3_000
let receiver: Receiver
let place: Home
before(async () => {
  receiver = await startReceiver()
  place = home(configurationFor(receiver.url))
  fill(join(place.folder, 'data'))
})
after(async () => {
  await place.dispose()
  await receiver.close()
})

/** Tickets of which every delivery to the archive was given up, and every tenth for another reason; those to Slack were delivered. */
function fill(folder: string): void {
  mkdirSync(folder, { mode: 0o700 })
  const { db, writes } = openWriter(join(folder, 'support-relay.db'), { random, now: () => 0 })
  for (let at = 0; at < COUNT; at += 250) {
    const tickets = Array.from({ length: 250 }, (_, i) => ticket({ username: `u${at + i}`, limitPerHour: 1e6 }))
    writes.batch({ tickets, settlements: [] })
  }
  db.exec(`update deliveries set state = 'DELIVERED', attempts = 1 where destination = 'devsupport'`)
  db.exec(`update deliveries set state = 'DEAD', attempts = 1,
    reason = case when ticket_number % 10 = 0 then 'http-404' else 'budget-spent' end where destination = 'archive'`)
  db.close()
}

const replay = async (...args: string[]) => {
  const { code, stdout, stderr } = await run([
    'replay',
    '--config',
    place.config,
    '--data',
    join(place.folder, 'data'),
    ...args,
  ])
  return { code, said: (stdout || stderr).trim() }
}
const idsSeen = () => receiver.received.map(({ headers }) => String(headers['webhook-id']))

test('without a filter it ends with 2 and says which there are; so it does for a moment that is none and a wrong state', async () => {
  const { code, said } = await replay()
  assert.equal(code, 2)
  assert.match(said, /^Say which deliveries: --id, --ticket, --destination/)
  assert.match((await replay('--from', 'yesterday')).said, /^--from is no moment\. Write 2026-11-28T10:00Z/)
  const wrong = await replay('--state', 'LOST')
  assert.deepEqual([wrong.code, wrong.said.includes('must be one of PENDING, DELIVERED, DEAD')], [2, true])
})

test('a folder without data ends with 3', async () => {
  const { code, stderr } = await run([
    'replay',
    '--config',
    place.config,
    '--data',
    join(place.folder, 'none'),
    '--state',
    'DEAD',
  ])
  assert.equal(code, 3)
  assert.match(stderr, /There is no data in .*none/)
})

test('while no service runs, on its folder: counted first, then for real, and sent by the next start', async () => {
  const dry = await replay('--destination', 'archive', '--reason', 'http-404', '--dry-run')
  assert.deepEqual(dry, { code: 0, said: `${COUNT / 10} deliveries would go out again; nothing was changed.` })
  const real = await replay('--destination', 'archive', '--reason', 'http-404', '--json')
  assert.deepEqual(real, { code: 0, said: `{"count":${COUNT / 10}}` })
  const service = await place.start()
  await receiver.seen(COUNT / 10)
  assert.equal(await service.end('SIGTERM'), 0)
  assert.equal(new Set(idsSeen()).size, COUNT / 10)
})

test('beside the running service, which is killed in the middle: asked again, each goes out, none that was recorded twice', async () => {
  const first = await place.start()
  const before = receiver.received.length
  const killed = receiver.seen(before + 500).then(() => first.end('SIGKILL'))
  await replay('--destination', 'archive', '--state', 'DEAD')
  await killed
  const atKill = new Set(idsSeen())
  await place.start()
  const again = await replay('--destination', 'archive', '--state', 'DEAD')
  assert.equal(again.code, 0, again.said)
  while (new Set(idsSeen()).size < COUNT) await new Promise(resolve => setTimeout(resolve, 20))
  const repeated = idsSeen().length - COUNT
  // What was under way, or answered and not recorded yet.
  assert.ok(repeated <= 200, `${repeated} were repeated, ${atKill.size} were seen before the kill`)
  assert.deepEqual(await replay('--destination', 'archive', '--state', 'DEAD'), {
    code: 0,
    said: '0 deliveries will go out again. None that passes the filters is in that state.',
  })
})
