/** `support-relay backup` and `support-relay restore`: the data as a folder of its own, and back. */
import type { Manifest } from '../app.ts'
import { EXIT_OK, type Io, refuse } from './io.ts'

/** The backup is not whole, was changed, is another version's, or cannot be written. */
export const EXIT_BACKUP = 5

export type BackupParts = {
  readonly work: () => Manifest
  /** What was done, for the sentence: `Backed up into /backups/monday`. */
  readonly done: string
  /** The exit code that an error of `work` stands for, with the sentence to show; undefined for a mistake of ours. */
  readonly refusal: (error: unknown) => { readonly code: number; readonly sentence: string } | undefined
}

/** Exit code 0, 3 where the data folder cannot be used, or 5 where the backup cannot. With `json`: one document on `out`, the manifest
 *  or `{why, errorCode}`. */
export const backup = (options: { readonly json?: boolean | undefined }, io: Io, parts: BackupParts): number => {
  try {
    const manifest = parts.work()
    io.out(options.json ? JSON.stringify(manifest, null, 2) : sentence(parts.done, manifest))
    return EXIT_OK
  } catch (error) {
    const refusal = parts.refusal(error)
    if (!refusal) throw error
    return refuse(options, io, refusal.sentence, refusal.code)
  }
}

const sentence = (done: string, { rows, deliveries, bytes, sha256 }: Manifest): string =>
  `${done}: ${rows.tickets} tickets, ${deliveries.PENDING ?? 0} pending deliveries, ${bytes} bytes, SHA-256 ${sha256}.`
