/** The log beside the data file (`-wal`), read as SQLite reads it: what is in it, and whether it is damaged.
 *  (https://sqlite.org/fileformat2.html#walformat) */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { endianness } from 'node:os'

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
 *  a frame that follows it stand behind the wrong one, something that was acknowledged is damaged. (What earlier rounds of a log left at its end
 *  has other salts; what a commit that failed left has a checksum that follows from nothing before it.) */
export const readLogFile = (path: string): LogFile => {
  const pages = new Set<number>()
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= HEADER_BYTES) return { pages }
  const file = openSync(path, 'r')
  try {
    const header = Buffer.from(new ArrayBuffer(HEADER_BYTES))
    readSync(file, header, 0, HEADER_BYTES, 0)
    // Grown, but nothing was synced: the head is, before any frame is written.
    if (isZero(header)) return isAllZero(file) ? { pages } : { pages, damagedAt: 0 }
    const sum = checksum((header.readUInt32BE(0) & 1) === 1)
    sum.add(new Uint32Array(header.buffer), 0, 24)
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
  for (const { frame, words, start } of framesOf(file, frameBytes)) {
    const isOfThisLog = frame.compare(header, 16, 24, 8, 16) === 0
    const countAfter = frame.readUInt32BE(4) // 0 for all but the last frame of a commit
    if (isOfThisLog) {
      sum.add(words, start, start + 8)
      sum.add(words, start + FRAME_HEADER_BYTES, start + frameBytes)
    }
    const isNext = isOfThisLog && sum.is(frame, 16)
    if (brokenAt === undefined && isNext) {
      uncommitted.push(frame.readUInt32BE(0))
      if (countAfter > 0) {
        for (const page of uncommitted) pages.add(page)
        uncommitted = []
        pageCount = countAfter
      }
    } else {
      brokenAt ??= at
      if (followsCommit && isNext) return { damagedAt: brokenAt }
      // What comes next is measured by what this frame says of itself.
      sum.take(frame, 16)
      followsCommit = isOfThisLog && countAfter > 0
    }
    at += frameBytes
  }
  return pageCount === undefined ? {} : { pageCount }
}

/** `frame` begins at the byte `start` of `words`. */
type Frame = { readonly frame: Buffer; readonly words: Uint32Array; readonly start: number }

/** Whole frames, in order; what is left of one at the end is none. */
function* framesOf(file: number, frameBytes: number): Iterable<Frame> {
  const memory = new ArrayBuffer(Math.max(1, Math.floor(PIECE_BYTES / frameBytes)) * frameBytes)
  const [piece, words] = [Buffer.from(memory), new Uint32Array(memory)]
  for (let from = HEADER_BYTES; ; from += piece.length) {
    const whole = Math.floor(readSync(file, piece, 0, piece.length, from) / frameBytes)
    for (let start = 0; start < whole * frameBytes; start += frameBytes)
      yield { frame: piece.subarray(start, start + frameBytes), words, start }
    if (whole * frameBytes < piece.length) return
  }
}

const isZero = (bytes: Buffer): boolean => bytes.every(byte => byte === 0)

const isAllZero = (file: number): boolean => {
  const piece = Buffer.alloc(PIECE_BYTES)
  for (let from = 0; ; from += piece.length) {
    const read = readSync(file, piece, 0, piece.length, from)
    if (!isZero(piece.subarray(0, read))) return false
    if (read < piece.length) return true
  }
}

/** Two running sums over pairs of words, in the byte order that the log's head names. */
const checksum = (isBigEndian: boolean) => {
  const isOurs = isBigEndian === (endianness() === 'BE')
  let [a, b] = [0, 0]
  return {
    /** Takes in what stands from the byte `from` to the byte `to`, a multiple of 8 of them. */
    add(words: Uint32Array, from: number, to: number): void {
      const end = to >> 2
      for (let at = from >> 2; at < end; at += 2) {
        a = (a + word(words[at] as number, isOurs) + b) | 0
        b = (b + word(words[at + 1] as number, isOurs) + a) | 0
      }
    },
    is: (bytes: Buffer, at: number): boolean => bytes.readInt32BE(at) === a && bytes.readInt32BE(at + 4) === b,
    /** Goes on from the sums that stand there. */
    take(bytes: Buffer, at: number): void {
      a = bytes.readInt32BE(at)
      b = bytes.readInt32BE(at + 4)
    },
  }
}

const word = (value: number, isOurs: boolean): number =>
  isOurs
    ? value
    : ((value >>> 24) | ((value >>> 8) & 0xff00) | ((value << 8) & 0xff0000) | ((value << 24) & 0xff000000)) >>> 0
