/** A port that takes no connection and refuses none, like a firewall that drops what comes: its queue is full and nobody takes from it. */
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'

const SILENT = `
const { createServer } = require('node:net')
const { parentPort, workerData } = require('node:worker_threads')
const { gate, ...where } = workerData
const server = createServer(socket => {
  socket.on('error', () => {})
  socket.once('data', () => socket.end('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok'))
})
server.on('error', error => parentPort.postMessage(error.code))
server.listen({ ...where, backlog: 1 }, () => {
  parentPort.postMessage('listens')
  setImmediate(() => Atomics.wait(gate, 0, 0))
})`

/** How long a connection may take on loopback before it counts as swallowed. */
const PROMPT_MS = 300
const QUEUE_MAX = 50

/** @param where an address of loopback and a port nobody has there
 *  @returns ends it: from then on everybody is answered 200, by HTTP */
export const blackHole = async (
  t: TestContext,
  where: { readonly host: string; readonly port: number },
): Promise<() => void> => {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(SILENT, { eval: true, workerData: { ...where, gate } })
  const sockets: Socket[] = []
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    await worker.terminate()
  })
  const said = await new Promise(resolve => worker.once('message', resolve))
  if (said !== 'listens') throw new Error(`no black hole: ${said}`)
  while (sockets.length < QUEUE_MAX) {
    const socket = connect(where).on('error', () => {})
    sockets.push(socket)
    const isTaken = await new Promise<boolean>(resolve => {
      const timer = setTimeout(() => resolve(false), PROMPT_MS)
      socket.once('connect', () => {
        clearTimeout(timer)
        resolve(true)
      })
    })
    if (isTaken) continue
    return () => {
      Atomics.store(gate, 0, 1)
      Atomics.notify(gate, 0)
    }
  }
  throw new Error('the queue never fills')
}
