import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { ticket } from '../../../test/contracts/store/arrange.ts'
import type { ToWriter } from './messages.ts'
import { type Answer, startThread } from './thread.ts'

/** A real writer thread in a folder of its own, and promises for what it does next. */
const arrange = async (
  role: 'writer' | 'reader' = 'writer',
  folder = mkdtempSync(join(tmpdir(), 'support-relay-')),
) => {
  let answered = Promise.withResolvers<Answer>()
  let restarted = Promise.withResolvers<void>()
  const fatal = Promise.withResolvers<Error>()
  const thread = await startThread(
    { role, path: join(folder, 'data.db'), folder },
    {
      onAnswer: answer => answered.resolve(answer),
      onRestart: () => restarted.resolve(),
      onFatal: error => fatal.resolve(error),
      monotonic: () => 0,
    },
  )
  return {
    thread,
    folder,
    fatal: fatal.promise,
    ask(message: ToWriter) {
      answered = Promise.withResolvers()
      thread.post(message)
      return answered.promise
    },
    /** A message that is none: the thread meets an error that nobody catches. */
    kill() {
      restarted = Promise.withResolvers()
      thread.post({ id: 0 } as ToWriter) // deliberately not one
      return restarted.promise
    },
    async dispose() {
      await thread.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

test('a thread that died is started again on the same data, and asking the same again changes nothing', async () => {
  const { ask, kill, dispose } = await arrange()
  const message: ToWriter = { id: 1, batch: { tickets: [ticket()], settlements: [] }, calls: [] }
  const before = await ask(message)
  await kill()
  assert.deepEqual((await ask({ ...message, id: 2 })).batch, before.batch)
  await dispose()
})

test('an engine keeps its leases over the death of the thread', async () => {
  const { ask, kill, dispose } = await arrange()
  const none = { tickets: [], settlements: [] }
  await ask({
    id: 1,
    batch: none,
    calls: [{ call: 'takeLeases', request: { engine: 'e', destinations: ['a'], forMs: 25_000 } }],
  })
  await kill()
  const { calls } = await ask({
    id: 2,
    batch: none,
    calls: [{ call: 'renewLeases', request: { engine: 'e', forMs: 25_000 } }],
  })
  const [result] = calls
  assert.ok(result && 'value' in result && Array.isArray(result.value))
  assert.deepEqual([result.value.length, result.value[0].epoch], [1, 1])
  await dispose()
})

test('the third death within a minute is fatal', async () => {
  const { kill, fatal, dispose } = await arrange()
  await kill()
  await kill()
  void kill()
  assert.match((await fatal).message, /writer thread died 3 times within a minute/)
  await dispose()
})

/** Linux's nice value of each thread of this process: the 19th field of its stat, counted behind the name. */
const niceValues = (): number[] =>
  readdirSync('/proc/self/task').map(id => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
  })

test('whoever looks waits for whoever writes: the reader alone has a lower priority', {
  skip: process.platform !== 'linux' && 'threads have priorities of their own on Linux only',
}, async () => {
  const writer = await arrange()
  const before = niceValues()
  const reader = await arrange('reader', writer.folder)
  assert.equal(new Set(before).size, 1)
  assert.equal(niceValues().filter(nice => nice > Math.max(...before)).length, 1)
  await reader.dispose()
  await writer.dispose()
})
