/** The log beside the data file (`-wal`), read as SQLite reads it: what is in it, and whether it is damaged.
 *  (https://sqlite.org/fileformat2.html#walformat) */
import { closeSync, openSync, readSync, statSync } from 'node:fs'

export type LogFile = {
  /** The first damaged byte, where something that was acknowledged stands behind it. */
  readonly damagedAt?: number
  /** The pages that its commits hold. */
  readonly pages: ReadonlySet<number>
  /** Pages of the database after its last commit; undefined when it holds none. */
  readonly pageCount?: number
}

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
/** It is read so much at a time: while a backup runs it may grow beyond all memory. */
const PIECE_BYTES = 1024 * 1024

/** SQLite reads the log up to the first frame whose checksum is wrong and forgets the rest: right after a power cut, where the rest is
 *  a commit that was never synced and so never acknowledged. But each commit is synced before the next begins: where a commit and then
 *  another frame follow the wrong one, something that was acknowledged is damaged. */
export const readLogFile = (path: string): LogFile => {
  const pages = new Set<number>()
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= HEADER_BYTES) return { pages }
  const file = openSync(path, 'r')
  try {
    const header = Buffer.alloc(HEADER_BYTES)
    readSync(file, header, 0, HEADER_BYTES, 0)
    if (header.every(byte => byte === 0)) return { pages } // grown, but nothing was synced
    const sum = checksum((header.readUInt32BE(0) & 1) === 1)
    sum.add(header, 0, 24)
    if (!sum.is(header, 24)) return { pages, damagedAt: 0 }
    return { pages, ...readFrames(file, header, sum, pages) }
  } finally {
    closeSync(file)
  }
}

const readFrames = (
  file: number,
  header: Buffer,
  sum: ReturnType<typeof checksum>,
  pages: Set<number>,
): Omit<LogFile, 'pages'> => {
  const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(8)
  let pageCount: number | undefined
  let uncommitted: number[] = []
  let brokenAt: number | undefined
  let followsCommit = false
  let at = HEADER_BYTES
  for (const frame of framesOf(file, frameBytes)) {
    const isOfThisLog = frame.compare(header, 16, 24, 8, 16) === 0
    const countAfter = frame.readUInt32BE(4) // 0 for all but the last frame of a commit
    if (brokenAt === undefined) {
      sum.add(frame, 0, 8)
      sum.add(frame, FRAME_HEADER_BYTES, frameBytes)
      if (!isOfThisLog || !sum.is(frame, 16)) brokenAt = at
    }
    if (brokenAt === undefined) {
      uncommitted.push(frame.readUInt32BE(0))
      if (countAfter > 0) {
        for (const page of uncommitted) pages.add(page)
        uncommitted = []
        pageCount = countAfter
      }
    } else {
      if (followsCommit && isOfThisLog) return { damagedAt: brokenAt }
      followsCommit = isOfThisLog && countAfter > 0
    }
    at += frameBytes
  }
  return pageCount === undefined ? {} : { pageCount }
}

/** Whole frames, in order; what is left of one at the end is none. */
function* framesOf(file: number, frameBytes: number): Iterable<Buffer> {
  const piece = Buffer.alloc(Math.max(1, Math.floor(PIECE_BYTES / frameBytes)) * frameBytes)
  for (let from = HEADER_BYTES; ; from += piece.length) {
    const whole = Math.floor(readSync(file, piece, 0, piece.length, from) / frameBytes)
    for (let i = 0; i < whole; i += 1) yield piece.subarray(i * frameBytes, (i + 1) * frameBytes)
    if (whole * frameBytes < piece.length) return
  }
}

const checksum = (isBigEndian: boolean) => {
  let [a, b] = [0, 0]
  return {
    /** Takes in the bytes from `from` to `to`, a multiple of 8 of them. */
    add(bytes: Buffer, from: number, to: number): void {
      for (let at = from; at < to; at += 8) {
        a = (a + (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0
        b = (b + (isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0
      }
    },
    is: (bytes: Buffer, at: number): boolean => bytes.readUInt32BE(at) === a && bytes.readUInt32BE(at + 4) === b,
  }
}
