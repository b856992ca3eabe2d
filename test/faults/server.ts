/** One server on loopback that is sick in every way we know of. Bytes go out as they were recorded: no HTTP library puts them right.
 *  Plain and TLS share the port; the path picks the fault, the host's name the certificate. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { certificate, expiredCertificate, key } from '../contracts/certificate.ts'

export type Heard = {
  readonly path: string
  readonly head: string
  readonly body: string
}

/** What is done with a connection once a request is in. */
export type Fault = (socket: Socket, heard: Heard) => unknown

export type FaultServer = {
  readonly port: number
  /** The path that brings this fault about. With `early`, it strikes when the head is in and the body is not yet read. */
  add(fault: Fault, options?: { readonly early?: boolean }): string
  /** Every request, in order. */
  readonly heard: readonly Heard[]
  /** Resolves when so many requests have come for this path. */
  asked(path: string, count: number): Promise<void>
  close(): Promise<void>
}

/** Hosts whose TLS handshake goes wrong before there is a certificate to look at. */
const HANDSHAKES: Readonly<Record<string, (raw: Socket) => void>> = {
  'tls-reset.test': raw => raw.resetAndDestroy(),
  'tls-closed.test': raw => raw.destroySoon(),
  'tls-plain.test': raw => raw.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
}
const GOOD = createSecureContext({ key, cert: certificate })
const EXPIRED = createSecureContext({ key, cert: expiredCertificate })
const FIRST_BYTE_OF_TLS = 0x16

export const startFaultServer = async (): Promise<FaultServer> => {
  const faults = new Map<string, { fault: Fault; early: boolean }>()
  const heard: Heard[] = []
  const counts = new Map<string, number>()
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()

  const converse = (socket: Socket) => {
    let bytes = ''
    const read = () => {
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = bytes.slice(0, end)
      const path = /^\S+ (\S+) /.exec(head)?.[1] ?? ''
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
      const body = bytes.slice(end + 4, end + 4 + length)
      const { fault, early } = faults.get(path) ?? { fault: answer('HTTP/1.1 500 No such fault\r\n\r\n'), early: true }
      if (body.length < length && !early) return
      bytes = bytes.slice(end + 4 + length)
      const request = { path, head, body: Buffer.from(body, 'latin1').toString() }
      heard.push(request)
      counts.set(path, (counts.get(path) ?? 0) + 1)
      for (const look of waiting) look()
      fault(socket, request)
      read()
    }
    socket.on('error', () => {}) // whoever asked may leave at any time
    socket.on('data', chunk => {
      bytes += chunk.toString('latin1')
      read()
    })
  }
  const secure = (raw: Socket) => {
    const socket = new TLSSocket(raw, {
      isServer: true,
      secureContext: GOOD,
      SNICallback: (host, use) => {
        const broken = HANDSHAKES[host]
        if (broken) broken(raw)
        else use(null, host === 'expired.test' ? EXPIRED : GOOD)
      },
    })
    converse(socket)
  }

  const server = createServer(socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.once('readable', () => {
      const first: Buffer | null = socket.read(1)
      if (first === null) return
      socket.unshift(first)
      if (first[0] === FIRST_BYTE_OF_TLS) secure(socket)
      else converse(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    port,
    heard,
    add(fault, { early = false } = {}) {
      const path = `/services/fault/number${String(faults.size).padStart(12, '0')}`
      faults.set(path, { fault, early })
      return path
    },
    asked: (path, count) =>
      new Promise(resolve => {
        const look = () => {
          if ((counts.get(path) ?? 0) < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/** These bytes, and the connection stays as it is. */
export const answer =
  (...parts: readonly (string | Uint8Array)[]): Fault =>
  socket => {
    for (const part of parts) socket.write(part)
  }

/** These bytes, then a FIN: as a receiver that is shut down. */
export const endAfter =
  (bytes = ''): Fault =>
  socket =>
    socket.end(bytes)

/** These bytes, then a RST: as a receiver that is killed. The bytes are with the kernel before, so that they come first. */
export const resetAfter =
  (bytes = ''): Fault =>
  socket => {
    if (bytes === '') socket.resetAndDestroy()
    else socket.write(bytes, () => socket.resetAndDestroy())
  }

/** The request is swallowed, and nothing ever comes back. */
export const blackhole: Fault = () => {}
