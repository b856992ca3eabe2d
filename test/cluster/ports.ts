/** Ports that nobody listens on, and that no outgoing connection is given while their owner is dead: below the range the kernel takes those from. */
import { once } from 'node:events'
import { createServer } from 'node:net'

const [FROM, TO] = [12_000, 32_000]

export const freePorts = async (count: number): Promise<number[]> => {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = FROM + Math.floor(Math.random() * (TO - FROM))
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
      ports.add(port)
      await new Promise(resolve => server.close(resolve))
    } catch {
      // Somebody listens there.
    }
  }
  return [...ports]
}
