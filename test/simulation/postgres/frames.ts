/** PostgreSQL's protocol, as far as one who stands between must know it: where a request ends, and where its answer does. */

type Frame = { readonly type: string; readonly bytes: Buffer }

/** Cuts what comes in pieces into whole messages. */
export class Frames {
  #rest = Buffer.alloc(0)
  /** A client's first message has no type. */
  #isUntyped: boolean

  constructor(from: 'client' | 'server') {
    this.#isUntyped = from === 'client'
  }

  take(piece: Buffer): Frame[] {
    this.#rest = Buffer.concat([this.#rest, piece])
    const frames: Frame[] = []
    for (;;) {
      const head = this.#isUntyped ? 0 : 1
      if (this.#rest.length < head + 4) return frames
      const size = head + this.#rest.readInt32BE(head)
      if (this.#rest.length < size) return frames
      const bytes = this.#rest.subarray(0, size)
      frames.push({ type: this.#isUntyped ? 'startup' : String.fromCharCode(bytes[0] ?? 0), bytes })
      this.#rest = this.#rest.subarray(size)
      this.#isUntyped = false
    }
  }
}

/** Nothing follows before it is answered: the start, a password, a plain statement, the end of a prepared one. */
export const endsRequest = ({ type }: Frame): boolean => ['startup', 'p', 'Q', 'S'].includes(type)
export const isCommit = (request: Buffer): boolean =>
  request.toString('latin1', 0, 1) === 'Q' && request.includes('commit')

/** Recognises statements by their words, which come when they are prepared; later only their name does. */
export class Wording {
  readonly #words: RegExp
  readonly #names = new Set<string>()

  constructor(words: RegExp) {
    this.#words = words
  }

  isIn(request: Buffer): boolean {
    const text = request.toString('latin1')
    if (!this.#words.test(text)) return [...this.#names].some(name => text.includes(name))
    const [name] = text.startsWith('P') ? text.slice(5).split('\0', 1) : []
    if (name) this.#names.add(name)
    return true
  }
}

export const isFarewell = ({ type }: Frame): boolean => type === 'X'

/** Ready for the next, or a question for the password. */
export const endsAnswer = ({ type, bytes }: Frame): boolean =>
  type === 'Z' || (type === 'R' && [3, 5, 10, 11].includes(bytes.readInt32BE(5)))

/** Of the message that says it is ready: `I` outside of a transaction, `T` in one, `E` in one that failed. */
export const statusIn = (answer: Buffer): string =>
  answer.at(-6) === 90 ? String.fromCharCode(answer.at(-1) ?? 0) : ''

/** Of the message that names the process that serves this connection. */
export const processIn = ({ type, bytes }: Frame): number | undefined =>
  type === 'K' ? bytes.readInt32BE(5) : undefined

/** The start of a connection without its limits, which go by the server's real time: in a simulation they are kept by the simulation's. */
export const withoutLimits = (startup: Buffer): Buffer => {
  const text = startup.subarray(4).toString('latin1')
  const body = Buffer.from(text.replace(/\b(\w+_timeout)=\d+/g, '$1=0'), 'latin1')
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length + 4)
  return Buffer.concat([size, body])
}
