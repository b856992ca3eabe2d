/** A small disk of its own, in memory: it can be full, and its syncs cost nothing. Mounting one needs the right to. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PIECE_BYTES = 64 * 1024

export type MemoryDisk = {
  readonly path: string
  /** Leaves this much free. */
  fill(leaveBytes: number): void
  /** Takes away what `fill` put there. */
  empty(): void
  unmount(): void
}

/** Undefined where nothing can be mounted. */
export const mountMemoryDisk = (megabytes: number): MemoryDisk | undefined => {
  const path = mkdtempSync(join(tmpdir(), 'support-relay-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    rmdirSync(path)
    return undefined
  }
  const filler = join(path, 'filler')
  const freeBytes = () => statfsSync(path).bavail * statfsSync(path).bsize
  return {
    path,
    fill(leaveBytes) {
      writeFileSync(filler, '')
      // In pieces: others may be writing meanwhile.
      while (freeBytes() > leaveBytes) {
        try {
          appendFileSync(filler, Buffer.alloc(Math.min(PIECE_BYTES, freeBytes() - leaveBytes)))
        } catch (error) {
          if (freeBytes() > 0) throw error
        }
      }
    },
    empty: () => rmSync(filler),
    unmount() {
      execFileSync('umount', ['-l', path])
      rmdirSync(path)
    },
  }
}
