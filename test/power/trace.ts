/** Reads what `strace -f -y` wrote: what was done to the store's files, and which answers left, in the order in which the kernel saw
 *  it begin and end. The tracer holds a thread until it has noted the end of a call, so a line that stands earlier happened earlier. */
import { createReadStream } from 'node:fs'
import { basename, dirname } from 'node:path'

export type Happened =
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'create' | 'remove' | 'sync'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  /** The 200s that one write to a socket carried, as the ids of their tickets. */
  | { readonly kind: 'answer'; readonly ids: readonly string[] }

export type Step = { readonly happened: Happened; readonly phase: 'begun' | 'done' | 'failed' }

/** Everything that may change a file, so that what we do not understand is seen and not missed. */
export const TRACED =
  'pwrite64,write,writev,pwritev,pwritev2,sendto,sendmsg,fdatasync,fsync,sync_file_range,ftruncate,fallocate,openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat'

/** @param folder the data folder; of its files only those of the database count, a new one's too, without the shared memory that every start makes anew */
export const readTrace = async (file: string, folder: string): Promise<Step[]> => {
  const steps: Step[] = []
  const underWay = new Map<string, Call>()
  const end = (call: Call, result: number) => {
    if (!call.happened && result >= 0) call.happened = created(call, folder)
    if (call.happened && result < 0) steps.push({ happened: call.happened, phase: 'failed' })
    if (call.happened && result >= 0) steps.push({ happened: whole(call.happened, result), phase: 'done' })
  }
  for await (const line of linesOf(file)) {
    const resumed = /^(\d+) +<\.\.\. \w+ resumed>/.exec(line)
    const [, thread = '', name = '', args = ''] = resumed ?? /^(\d+) +(\w+)\((.*)$/s.exec(line) ?? []
    if (resumed) {
      const call = underWay.get(thread)
      underWay.delete(thread)
      if (call) end(call, resultOf(line))
      continue
    }
    if (name === '') continue // a signal, or a thread's end
    const call: Call = { name, args, happened: read(name, args, folder) }
    if (call.happened) steps.push({ happened: call.happened, phase: 'begun' })
    if (args.endsWith('<unfinished ...>')) underWay.set(thread, call)
    else end(call, resultOf(line))
  }
  return steps
}

type Call = { readonly name: string; readonly args: string; happened: Happened | undefined }

const resultOf = (line: string): number => Number(/\) += (-?\d+)[^=]*$/.exec(line.slice(-300))?.[1] ?? -1)

const isOurs = (path: string, folder: string): boolean =>
  dirname(path) === folder && /^(support-relay|new)\.db/.test(basename(path)) && !path.endsWith('-shm')

const read = (name: string, args: string, folder: string): Happened | undefined => {
  const [, path = ''] = /^\d+<([^>]*)>/.exec(args) ?? []
  if (path.startsWith('socket:')) {
    const ids = [...args.matchAll(/HTTP\/1\.1 200 .*?\\r\\nticket-id: ([\da-f-]{36})\\r\\n/g)].map(([, id = '']) => id)
    return ids.length > 0 ? { kind: 'answer', ids } : undefined
  }
  if (name === 'fsync' || name === 'fdatasync')
    return path === folder || path === dirname(folder) || isOurs(path, folder) ? { kind: 'sync', path } : undefined
  if (name === 'rename') {
    const [, from = '', to = ''] = /^"([^"]*)", "([^"]*)"/.exec(args) ?? []
    return isOurs(from, folder) ? { kind: 'rename', path: from, to } : undefined
  }
  if (name === 'unlink' || name === 'mkdir') {
    const [, named = ''] = /^"([^"]*)"/.exec(args) ?? []
    if (name === 'mkdir') return named === folder ? { kind: 'create', path: named } : undefined
    return isOurs(named, folder) ? { kind: 'remove', path: named } : undefined
  }
  if (name === 'openat' || !isOurs(path, folder)) return undefined
  if (name === 'ftruncate') return { kind: 'truncate', path, size: Number(/, (\d+)/.exec(args)?.[1]) }
  if (name !== 'pwrite64') throw new Error(`nobody taught this trace to read ${name}(${args.slice(0, 100)}`)
  const close = args.lastIndexOf('"')
  const [, length = '', offset = ''] = /^, (\d+), (\d+)/.exec(args.slice(close + 1)) ?? []
  const data = unescaped(args.slice(args.indexOf('"') + 1, close))
  if (data.length !== Number(length)) throw new Error(`the trace holds ${data.length} of ${length} bytes`)
  return { kind: 'write', path, offset: Number(offset), data }
}

/** A file that may have come into being: whether it did, only the end of the call tells. */
const created = ({ name, args }: Call, folder: string): Happened | undefined => {
  const [, path = ''] = (name === 'openat' && /"([^"]*)", [A-Z_|]*O_CREAT/.exec(args)) || []
  return isOurs(path, folder) ? { kind: 'create', path } : undefined
}

/** The kernel may have written less than it was asked to. */
const whole = (happened: Happened, result: number): Happened => {
  if (happened.kind === 'write' && result < happened.data.length) throw new Error(`only ${result} bytes were written`)
  return happened
}

const NAMED: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, '"': 34, '\\': 92 }

/** The bytes behind strace's quoting: C escapes, octal ones as short as what follows allows. */
const unescaped = (quoted: string): Buffer =>
  Buffer.from(
    quoted.replace(/\\([0-7]{1,3}|.)/g, (_all, code: string) =>
      String.fromCharCode(NAMED[code] ?? Number.parseInt(code, 8)),
    ),
    'latin1',
  )

async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'latin1', highWaterMark: 4 * 1024 * 1024 })) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
