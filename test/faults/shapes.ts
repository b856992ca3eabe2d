/** The shapes that answers come in on the wire: framed by length or in chunks, endless, compressed to a thousandth. */
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Clock } from '../../src/domain/clock.ts'
import type { Fault } from './server.ts'

export type Shape = {
  readonly status: number
  readonly body?: string
  /** Lines as they stand, so that one may come twice, or be nonsense. */
  readonly headers?: readonly string[]
}

/** As most servers frame it. */
export const framed = ({ status, body = '', headers = [] }: Shape): string => {
  const hasBody = status !== 204 && status !== 304
  return head(status, [...headers, ...(hasBody ? [`Content-Length: ${Buffer.byteLength(body)}`] : [])]) + body
}

/** The same in chunks of odd sizes, with an extension and a trailer, as proxies pass it on. */
export const inChunks = ({ status, body = '', headers = [] }: Shape): string => {
  const bytes = Buffer.from(body)
  const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 4), bytes.subarray(4)].filter(({ length }) => length > 0)
  const chunks = pieces.map(piece => `${piece.length.toString(16)};x=1\r\n${piece.toString('latin1')}\r\n`).join('')
  return `${head(status, [...headers, 'Transfer-Encoding: chunked'])}${chunks}0\r\nX-Trailer: 1\r\n\r\n`
}

/** HTTP/1.0, and the end of the connection is the end of the body. */
export const untilClosed = ({ status, body = '', headers = [] }: Shape): string =>
  `${head(status, headers).replace('HTTP/1.1', 'HTTP/1.0')}${body}`

const head = (status: number, lines: readonly string[]): string =>
  `${[`HTTP/1.1 ${status} Recorded`, ...lines].join('\r\n')}\r\n\r\n`

/** Whoever sends more than this before it is hung up on was read from, not only listened to: loopback's buffers hold a few MiB. */
export const TAKEN_MAX_BYTES = 20_000_000

/** `total` bytes of body, as fast as they are taken; `sent` counts them, and `gone` resolves when we are hung up on. */
export const huge = (shape: Shape, total: number, options: { readonly chunk?: Buffer } = {}) => {
  const { chunk = Buffer.alloc(65_536, 'x') } = options
  const gone = Promise.withResolvers<void>()
  const seen = { sent: 0 }
  const fault: Fault = socket => {
    let left = total
    const more = () => {
      while (left > 0 && !socket.destroyed) {
        left -= chunk.length
        seen.sent += chunk.length
        if (!socket.write(chunk)) return
      }
      if (left <= 0) socket.end()
    }
    socket.on('drain', more)
    socket.once('close', () => gone.resolve())
    socket.write(head(shape.status, [...(shape.headers ?? []), `Content-Length: ${total}`]))
    more()
  }
  return { fault, seen, gone: gone.promise }
}

/** A megabyte that swells to a gigabyte: a hundred members of gzip, ten million zeros each. */
export const bomb = (): Buffer => {
  const member = gzipSync(Buffer.alloc(10_000_000), { level: 9 })
  return Buffer.concat(Array.from({ length: 100 }, () => member))
}

/** One byte a second by `clock`. */
export const trickle =
  (text: string, clock: Clock): Fault =>
  (socket: Socket) => {
    const next = (rest: string) => {
      if (socket.destroyed || rest === '') return
      socket.write(rest.slice(0, 1))
      clock.after(1_000, () => next(rest.slice(1)))
    }
    next(text)
  }
