import assert from 'node:assert/strict'
import test from 'node:test'
import type { Io } from './io.ts'
import { type ServeParts, type Started, serve } from './serve.ts'

/** The command with everything it needs; what it printed, and the signal that stops it. */
const arrange = (changes: Partial<ServeParts<string>> = {}) => {
  const printed: string[] = []
  const exits: number[] = []
  let signal = () => {}
  const io: Io = {
    out: line => printed.push(`out ${line}`),
    err: line => printed.push(`err ${line}`),
    env: {},
    cwd: '/',
  }
  const stopped: string[] = []
  const parts: ServeParts<string> = {
    load: () => ({ config: 'the configuration', warnings: [] }),
    start: async () => ({ address: 'http://127.0.0.1:1', stop: async () => void stopped.push('stopped') }),
    welcome: async (_config, address) => [`it listens on ${address}`],
    refusal: error => (error instanceof RangeError ? { code: 3, sentence: error.message } : undefined),
    onStopSignal: listener => (signal = listener),
    exit: code => void exits.push(code),
    ...changes,
  }
  const ended = serve(io, parts)
  return { printed, exits, stopped, ended, signal: () => signal() }
}
const finding = { file: 'x.yaml', line: 3, column: 1, key: 'routes', what: 'It is wrong.', fix: 'Mend it.' }
const turn = () => new Promise(resolve => setImmediate(resolve))

test('it says where it listens, runs until a signal, stops the service and ends with 0', async () => {
  const { ended, printed, signal, stopped } = arrange()
  await turn()
  assert.deepEqual([printed, stopped], [['out it listens on http://127.0.0.1:1'], []])
  signal()
  assert.equal(await ended, 0)
  assert.deepEqual(stopped, ['stopped'])
})

test('problems of the configuration start nothing: 2, with place and fix', async () => {
  const { ended, printed } = arrange({ load: () => ({ problems: [finding], warnings: [] }) })
  assert.equal(await ended, 2)
  assert.match(
    printed.join('\n'),
    /x\.yaml:3:1 {2}routes\nerr {5}It is wrong\.\nerr {5}Fix: Mend it\.[\s\S]*Nothing was started/,
  )
})

test('warnings are shown, and it runs', async () => {
  const { ended, printed, signal } = arrange({ load: () => ({ config: 'c', warnings: [finding] }) })
  await turn()
  signal()
  assert.equal(await ended, 0)
  assert.match(printed.join('\n'), /1 warning/)
})

test('what refuses to start ends with its code and its sentence, and a mistake of ours is thrown', async () => {
  const refused = arrange({ start: () => Promise.reject(new RangeError('The folder is in use.')) })
  assert.equal(await refused.ended, 3)
  assert.deepEqual(refused.printed, ['err The folder is in use.'])
  await assert.rejects(arrange({ start: () => Promise.reject(new TypeError('oops')) }).ended, /oops/)
})

test('a second signal ends at once', async () => {
  const { exits, signal } = arrange({ start: async () => ({ address: 'x', stop: () => new Promise(() => {}) }) })
  await turn()
  signal()
  signal()
  assert.deepEqual(exits, [1])
})

test('a store that cannot go on ends the process with 1, and says that nothing was lost', async () => {
  const { exits, printed } = arrange({
    start: async (_config, onFatal) => {
      onFatal(new Error('the thread died'))
      return { address: 'x', stop: async () => {} }
    },
  })
  await turn()
  assert.deepEqual(exits, [1])
  assert.match(printed[0] ?? '', /the thread died\. .*what was accepted is safe/)
})

test('a signal that comes while it starts stops it as soon as it runs, with 0', async () => {
  const starting = Promise.withResolvers<Started>()
  const stopped: string[] = []
  const { ended, signal, exits } = arrange({ start: () => starting.promise })
  signal()
  starting.resolve({ address: 'x', stop: async () => void stopped.push('stopped') })
  assert.equal(await ended, 0)
  assert.deepEqual([stopped, exits], [['stopped'], []])
})

test('a mistake of ours after the start stops the service before it is thrown', async () => {
  const { ended, stopped } = arrange({ welcome: () => Promise.reject(new TypeError('oops')) })
  await assert.rejects(ended, /oops/)
  assert.deepEqual(stopped, ['stopped'])
})
