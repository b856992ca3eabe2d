/** Everything that a run needs, in one folder: cluster, replicas, destinations and books. Nothing of it stays when it is over, whichever way it ends. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Books } from './books.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { patroniOf } from './node.ts'
import { ended, signalAll, signalOne } from './processes.ts'
import { startReceivers } from './receivers.ts'
import { type Relay, startRelays } from './relays.ts'
import type { Parts } from './requirements.ts'

export type Stage = { readonly books: Books; readonly cluster: Cluster; readonly relays: readonly Relay[] }

export class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'relay-')) // short: PostgreSQL's socket lies in it
  readonly #clear = () => {
    signalAll(this.folder, 'SIGKILL')
  }
  #close = async () => {}

  constructor() {
    chmodSync(this.folder, 0o755) // its parts run as another user
    mkdirSync(join(this.folder, 'logs'))
    // Whatever went wrong before: nothing runs on.
    process.once('exit', this.#clear)
  }

  async open(parts: Parts, seed: number): Promise<Stage> {
    const books = new Books(seed)
    const cluster = await startCluster(parts, this.folder)
    const receivers = await startReceivers(books)
    this.#close = receivers.close
    const relays = await startRelays(cluster, { folder: this.folder, receivers: receivers.url })
    return { books, cluster, relays }
  }

  /** Ends all that runs here, the frozen thawed first, since no other signal reaches them. A Patroni without etcd would not let its PostgreSQL end, and
   *  a PostgreSQL that is killed leaves shared memory behind.
   *  @param keepsLogs leaves what everybody printed */
  async dispose({ keepsLogs }: { keepsLogs: boolean }): Promise<void> {
    signalAll(this.folder, 'SIGCONT')
    await this.#end('relay', 10_000, 'SIGTERM')
    for (const folder of this.#folders('pg')) for (const pid of patroniOf({ folder })) signalOne(pid, 'SIGTERM')
    await this.#end('pg', 20_000)
    await this.#end('pg', 5_000, 'SIGQUIT')
    await this.#end('etcd', 5_000, 'SIGTERM')
    signalAll(this.folder, 'SIGKILL')
    await ended(this.folder, 5_000)
    await this.#close()
    for (const name of readdirSync(this.folder))
      if (!keepsLogs || name !== 'logs') rmSync(join(this.folder, name), { recursive: true, force: true })
    if (!keepsLogs) rmSync(this.folder, { recursive: true })
    process.off('exit', this.#clear)
  }

  /** Whatever runs in the folders whose names begin so. */
  async #end(prefix: string, withinMs: number, signal?: NodeJS.Signals): Promise<void> {
    const folders = this.#folders(prefix)
    if (signal) for (const folder of folders) signalAll(folder, signal)
    await Promise.all(folders.map(folder => ended(folder, withinMs)))
  }

  #folders(prefix: string): string[] {
    return readdirSync(this.folder)
      .filter(name => name.startsWith(prefix))
      .map(name => join(this.folder, name))
  }
}
