/** A service as UCloud would run it, one signed webhook behind it, and what came of each call: answer, stored, delivered. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Ticket } from '../../src/api/ticket.ts'
import { type Answer, type Asked, ask } from '../support/ask.ts'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { HOOK_SECRET, SECRET, token } from '../support/service.ts'

export const TICKET_PATH = '/api/support/ticket'

export type Stage = InProcess & {
  /** POST of a ticket with these headers and no others; a body that is no text or bytes is sent as JSON. */
  send(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  call(path: string, asked?: Asked): Promise<Answer>
  /** All tickets in the store. */
  count(): number
  /** The ticket as it was delivered; waits for it. */
  delivered(answer: Answer): Promise<Ticket>
  /** What the store keeps and no destination is shown. */
  projectsOf(answer: Answer): readonly string[]
}

/** @param auth the lines of `auth` beside the issuer */
export const startStage = async (auth = `sharedSecret: "${SECRET}"`, more = ''): Promise<Stage> => {
  const at = await startInProcess({
    configure: receiver => `
server: { port: 0 }
auth: { issuer: cloud.sdu.dk, ${auth} }
destinations: { archive: { kind: webhook, url: "${receiver}/archive", secret: "${HOOK_SECRET}" } }
routes: [{ to: [archive] }]
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
${more}`,
  })
  const row = (sql: string, ...values: (string | Uint8Array)[]) => {
    const db = new DatabaseSync(join(at.folder, 'data', 'support-relay.db'), { readOnly: true, timeout: 5_000 })
    try {
      return db.prepare(sql).get(...values)
    } finally {
      db.close()
    }
  }
  const call = (path: string, asked?: Asked) => ask(at.address + path, asked)
  return {
    ...at,
    call,
    send: (body, headers = bearer()) =>
      call(TICKET_PATH, {
        method: 'POST',
        headers,
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      }),
    count: () => Number(row('select count(*) as count from tickets')?.count),
    async delivered({ headers }) {
      for (let seen = at.receiver.received.length; ; seen += 1) {
        for (const { body } of at.receiver.received) {
          const { ticket } = JSON.parse(body).data
          if (ticket.id === headers['ticket-id']) return ticket
        }
        await at.receiver.seen(seen + 1)
      }
    },
    projectsOf({ headers }) {
      const id = Buffer.from(String(headers['ticket-id']).replaceAll('-', ''), 'hex')
      return JSON.parse(String(row('select projects from tickets where id = ?', id)?.projects))
    },
  }
}

let users = 0
/** Headers with the token of a user who has sent nothing yet, so that no test spends another's limit. */
export const bearer = (claims: Record<string, unknown> = {}) => {
  users += 1
  return { authorization: `Bearer ${token({ sub: `User#${users}`, ...claims })}` }
}

/** A sentence for the person who reads it: begins with a capital, ends with a full stop, more than two words, and nothing of ours. */
export const SENTENCE = /^[A-Z](?!.*(?:undefined|null|\[object|Error:|FST_|ERR_)).*\S \S+ .*\.$/s

/** The error of an answer: JSON with `why` in a sentence; the texts and the status that the web client treats specially never occur. */
export const errorOf = ({ status, headers, text }: Answer): { readonly code: string; readonly why: string } => {
  const { why, errorCode, statusCode } = JSON.parse(text)
  const isSound =
    headers['content-type'] === 'application/json; charset=utf-8' &&
    statusCode === status &&
    status !== 482 &&
    why !== 'Bad Request' &&
    SENTENCE.test(why) &&
    Boolean(headers['job-id'])
  if (!isSound) throw new Error(`not an error as UCloud's client reads it: ${status} ${text}`)
  return { code: errorCode, why }
}
