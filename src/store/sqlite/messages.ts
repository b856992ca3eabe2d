/** What travels between the service's thread and the store's two threads. */
import type { Batch, BatchResult, Failure, sqliteReads, sqliteWrites } from './core.ts'

export type Role = 'writer' | 'reader'

export type WorkerStart = {
  readonly role: Role
  readonly path: string
  readonly folder: string
  /** Started again in place of a thread that died, while the engine that holds the leases lives on. */
  readonly isRestart: boolean
}

type Reads = ReturnType<typeof sqliteReads>
type Writes = ReturnType<typeof sqliteWrites>
export type ReadCall = keyof Reads
/** Writes that are made one by one, each in a transaction of its own. */
export type WriteCall = Exclude<keyof Writes, 'batch' | 'freeAllLeases' | 'keepLeases'>

export type Call = { readonly call: string; readonly request: unknown }
export type CallResult = { readonly value: unknown } | { readonly error: Failure }

export type ToWriter = { readonly id: number; readonly batch: Batch; readonly calls: readonly Call[] }
export type ToReader = { readonly id: number; readonly calls: readonly Call[] }
export type FromWorker =
  | { readonly ready: true; readonly keys: { readonly reference: Uint8Array } | null }
  | { readonly refused: string }
  /** SQLite found the files damaged; the call that met it was answered before. */
  | { readonly damaged: string }
  | { readonly id: number; readonly batch: BatchResult | null; readonly calls: readonly CallResult[] }
