/** The ways out of the process: one for requests, one for mails. */
import type { Step } from '../domain/destination.ts'
import type { Answer } from '../domain/outcome.ts'
import type { Bounds } from './bounded.ts'
import { createHttpTransport, type HttpTransportOptions } from './http.ts'
import { createSmtpTransport } from './smtp.ts'

export type Transport = {
  /** The answer to one step, or why none came. Never rejects. */
  send(step: Step, bounds: Bounds): Promise<Answer>
  /** Cuts off what is under way and lets go of every connection. */
  close(): Promise<void>
}

export const createTransport = (options: HttpTransportOptions): Transport => {
  const http = createHttpTransport(options)
  const smtp = createSmtpTransport(options)
  return {
    send: (step, bounds) => (step.method === 'MAIL' ? smtp.send(step, bounds) : http.send(step, bounds)),
    async close() {
      await Promise.all([http.close(), smtp.close()])
    },
  }
}
