/** Re-arming what was given up, by the command, its start included: on the folder of a stopped service, and beside a running one that takes
 *  tickets meanwhile.  `node bench/replay.ts [deliveries]` */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { fillFolder } from '../test/support/filled.ts'
import { answerWith, startReceiver } from '../test/support/receiver.ts'
import { configurationFor, home, post, run, token } from '../test/support/service.ts'

const count = Number(process.argv[2] ?? 100_000)
const receiver = await startReceiver()
receiver.reply = answerWith(200, 'ok')
const place = home(configurationFor(receiver.url))
const data = join(place.folder, 'data')

const giveUp = () => {
  const db = openDatabase(join(data, 'support-relay.db'))
  db.exec("update deliveries set state = 'DEAD', reason = 'http-404' where destination = 'archive'")
  db.close()
}
/** Milliseconds. */
const replay = async (): Promise<number> => {
  const from = performance.now()
  const args = ['replay', '--config', place.config, '--data', data, '--destination', 'archive']
  const { code, stdout, stderr } = await run(args)
  assert.equal(code, 0, stderr)
  assert.match(stdout, new RegExp(`^${count} deliveries will go out again`))
  return performance.now() - from
}

try {
  fillFolder(data, count)
  giveUp()
  console.log(`${count} on the folder of a stopped service: ${((await replay()) / 1_000).toFixed(1)} s`)

  giveUp()
  const service = await place.start()
  const waits: number[] = []
  let isDone = false
  const posting = (async () => {
    for (let i = 0; !isDone; i += 1) {
      const before = performance.now()
      const writer = { authorization: `Bearer ${token({ sub: `w${i}` })}` }
      assert.equal((await post(service.address, { message: 'm' }, writer)).status, 200)
      waits.push(performance.now() - before)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  })()
  const ms = await replay()
  isDone = true
  await posting
  console.log(`${count} beside a running service: ${(ms / 1_000).toFixed(1)} s`)
  console.log(
    `${waits.length} tickets posted meanwhile, the slowest answered after ${Math.max(...waits).toFixed(0)} ms`,
  )
} finally {
  await place.dispose()
  await receiver.close()
}
