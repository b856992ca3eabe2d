/** The whole service in the test's own process, on real sockets: quicker than a child process where nothing is killed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Role } from '../../src/api/ticket.ts'
import { type Service, startService } from '../../src/app/service.ts'
import { createLog, destinationKinds, loadConfig, loginUrl, systemFiles } from '../../src/app.ts'
import type { Clock } from '../../src/domain/clock.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { configurationFor } from './service.ts'

export type InProcess = {
  readonly address: string
  readonly folder: string
  readonly receiver: Receiver
  readonly service: Service
  /** The log so far, line by line. */
  readonly log: string[]
  /** Bytes to the service and everything it answers until it closes or `enough` is in it. */
  raw(bytes: string, enough?: RegExp): Promise<string>
  /** In the evaluation mode: opens a session and returns its cookie header. */
  signIn(role: Role): Promise<string>
  stop(): Promise<void>
}

/** @param configure the configuration for a receiver's address; Slack and webhook by default; null for none: the evaluation mode */
export const startInProcess = async (
  options: { readonly configure?: ((receiver: string) => string) | null; readonly clock?: Clock } = {},
): Promise<InProcess> => {
  const receiver = await startReceiver()
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const file = join(folder, 'support-relay.yaml')
  const isEvaluation = options.configure === null
  if (!isEvaluation) writeFileSync(file, (options.configure ?? configurationFor)(receiver.url))
  const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count))
  const loaded = loadConfig({
    ...(isEvaluation ? { port: '0' } : { config: file }),
    data: join(folder, 'data'),
    env: {},
    cwd: folder,
    kinds: destinationKinds,
    files: systemFiles,
    randomBytes,
  })
  if (!('config' in loaded)) throw new Error(JSON.stringify(loaded.problems))
  const log: string[] = []
  const service = await startService(loaded.config, {
    log: createLog(line => log.push(line), 'debug'),
    onFatal: error => {
      throw error
    },
    ...(options.clock && { clock: options.clock }),
  })
  const { hostname, port } = new URL(service.address)
  return {
    address: service.address,
    folder,
    receiver,
    service,
    log,
    raw: (bytes, enough) =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(port), hostname)
        let answer = ''
        socket.setEncoding('latin1').on('data', chunk => {
          answer += chunk
          if (enough?.test(answer)) socket.destroy()
        })
        socket.once('error', reject)
        socket.once('close', () => resolve(answer))
        socket.write(bytes, 'latin1')
      }),
    async signIn(role) {
      const secret = loaded.config.evaluation?.loginSecret
      if (!secret) throw new Error('only the evaluation mode has sign-in links')
      const link = loginUrl(service.address, { secret, role, now: Date.now(), randomBytes })
      const { headers } = await fetch(link, { redirect: 'manual' })
      return headers.get('set-cookie')?.split(';')[0] ?? ''
    },
    async stop() {
      await service.stop()
      await receiver.close()
      rmSync(folder, { recursive: true })
    },
  }
}
