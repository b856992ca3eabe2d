/** `support-relay send`: submits a ticket from the machine itself, to see that it arrives. */
import { oneLine } from '../app.ts'
import { type CallParts, makeCall, type Wanted } from './call.ts'
import type { Io } from './io.ts'

export type SendOptions = {
  readonly message?: string
  readonly subject?: string
  readonly type?: string
  readonly json?: boolean
}

export type SendParts = CallParts & {
  /** All of standard input. */
  readonly read: () => Promise<string>
  /** Makes the call safe to repeat. */
  readonly key: string
}

export const send = async (options: SendOptions, io: Io, parts: SendParts): Promise<number> => {
  const message = options.message === '-' ? await parts.read() : options.message
  return makeCall(
    wanted({ ...options, ...(message !== undefined && { message }) }, parts.key),
    options,
    io,
    parts,
    shown,
  )
}

const wanted = ({ message, subject, type }: SendOptions, key: string): Wanted =>
  message === undefined
    ? { wrong: 'Say what to send: --message "…", or --message - for what comes in on standard input.' }
    : {
        method: 'POST',
        path: '/api/support/ticket',
        fields: { message, subject, type },
        headers: { 'user-agent': 'support-relay send', prefer: 'return=representation', 'idempotency-key': key },
      }

const shown = ({ reference, subject }: { readonly reference?: string; readonly subject?: string }) => ({
  lines: [
    reference === undefined
      ? 'Received, and stored durably.'
      : `Received as ${reference} ("${oneLine(subject ?? '')}"). "support-relay tickets ${reference}" shows where it goes.`,
  ],
})
