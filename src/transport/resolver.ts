/** Names to addresses, one question at a time per name: the system's resolver blocks a thread of a pool of four for as long as a dead
 *  name server makes it wait, and sixteen requests to one host need only one answer. */
import { lookup } from 'node:dns/promises'

export type Resolve = (hostname: string) => Promise<readonly string[]>

/** Rejects with the resolver's error (its `code`: ENOTFOUND, EAI_AGAIN). */
export const createResolver = (resolve: Resolve = systemResolve): Resolve => {
  const underWay = new Map<string, Promise<readonly string[]>>()
  return hostname => {
    const running = underWay.get(hostname)
    if (running !== undefined) return running
    const started = resolve(hostname).finally(() => underWay.delete(hostname))
    underWay.set(hostname, started)
    return started
  }
}

const systemResolve: Resolve = async hostname => {
  const found = await lookup(hostname, { all: true })
  return found.map(({ address }) => address)
}
