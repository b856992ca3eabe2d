/** The real server with the real pages, over a stand-in for what lies behind them: sessions in memory, and an intake that keeps
 *  the rules which the form shows (blank, too long, one ticket per key) and can be told to refuse. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Problem } from '../../src/api/errors.ts'
import type { Role } from '../../src/api/ticket.ts'
import { versionOfPackage } from '../../src/app/version.ts'
import type { Session } from '../../src/domain/session.ts'
import type { Store } from '../../src/domain/store.ts'
import { loadAssets } from '../../src/http/assets.ts'
import { registerDocs } from '../../src/http/docs.ts'
import { registerEvaluation } from '../../src/http/evaluation.ts'
import { type EvaluationInbox, openEvaluationInbox } from '../../src/http/evaluation-inbox.ts'
import type { Intake, Submission, Submitted } from '../../src/http/intake.ts'
import { makeLoginLink, NONCE_BYTES } from '../../src/http/login-link.ts'
import { registerLoopbackOnly } from '../../src/http/loopback-only.ts'
import { registerPages } from '../../src/http/pages.ts'
import { createServer } from '../../src/http/server.ts'
import { makeSessions, SESSION_COOKIE } from '../../src/http/sessions.ts'

export const MESSAGE_MAX = 1_000
export const DESTINATIONS = ['devsupport', 'support']

export type PagesApp = {
  readonly app: FastifyInstance
  readonly clock: { at: number; now(): number }
  /** What intake was given, in order. */
  readonly submissions: Submission[]
  /** Set to make intake refuse, or fail. */
  next: Problem | Error | undefined
  /** Set to make the session store fail. */
  storeError: Error | undefined
  readonly failures: unknown[]
  readonly inbox: EvaluationInbox
  readonly folder: string
  loginLink(role: Role): string
  /** Signs in and returns the cookie header. */
  signIn(role: Role): Promise<string>
  close(): Promise<void>
}

export const startPagesApp = async (
  options: { evaluation?: boolean; folder?: string; at?: number } = {},
): Promise<PagesApp> => {
  const { evaluation = true } = options
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'support-relay-pages-'))
  const clock = { at: options.at ?? Date.UTC(2026, 10, 25, 14, 3, 11), now: () => clock.at }
  const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)) }
  const loginSecret = new Uint8Array(32).fill(7)
  const inbox = openEvaluationInbox(folder)
  const failures: unknown[] = []

  const app = createServer({
    messageMaxLength: MESSAGE_MAX,
    trustProxy: [],
    nextId: () => `request-${randomBytes(4).toString('hex')}`,
    observer: { answered: () => undefined, failed: (_id, error) => failures.push(error) },
  })
  const self: PagesApp = {
    app,
    clock,
    submissions: [],
    next: undefined,
    storeError: undefined,
    failures,
    inbox,
    folder,
    loginLink: role =>
      makeLoginLink(loginSecret, { role, expiresAt: clock.at + 3_600_000, nonce: random.bytes(NONCE_BYTES) }),
    async signIn(role) {
      const answer = await app.inject({ url: `/sign-in/${self.loginLink(role)}` })
      const value = answer.cookies.find(cookie => cookie.name === SESSION_COOKIE)?.value
      return `${SESSION_COOKIE}=${value}`
    },
    async close() {
      await app.close()
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
  const failed = (_id: string, error: unknown) => failures.push(error)
  const deps = {
    intake: memoryIntake(self),
    sessions: makeSessions({ store: memorySessions(self), clock, random }),
    assets: loadAssets(),
    clock,
    random,
    messageMaxLength: MESSAGE_MAX,
    evaluation: evaluation ? { loginSecret, dataFolder: './data' } : null,
    failed,
  }
  if (evaluation) registerLoopbackOnly(app)
  registerPages(app, deps)
  registerDocs(app, { ...deps, version: versionOfPackage() })
  if (evaluation) registerEvaluation(app, { ...deps, inbox, destinations: DESTINATIONS })
  await app.ready()
  return self
}

export const memorySessions = (control: {
  storeError: Error | undefined
}): Pick<Store, 'openSession' | 'closeSession' | 'session'> => {
  const sessions = new Map<string, Session>()
  const links = new Set<string>()
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return {
    async openSession({ link, ...session }) {
      if (control.storeError) throw control.storeError
      if (links.has(text(link))) return 'used'
      links.add(text(link))
      sessions.set(text(session.hash), session)
      return 'opened'
    },
    async closeSession({ hash }) {
      if (control.storeError) throw control.storeError
      sessions.delete(text(hash))
    },
    async session({ hash, now }) {
      if (control.storeError) throw control.storeError
      const found = sessions.get(text(hash))
      return found && found.expiresAt > now ? found : undefined
    },
  }
}

const memoryIntake = (self: PagesApp): Intake => {
  const accepted = new Map<string, { fingerprint: string; answer: Submitted & { ok: true } }>()
  const refuse = (code: Problem['code'], why: string): Submitted => ({ ok: false, problem: { code, why } })
  return async submission => {
    self.submissions.push(submission)
    if (self.next instanceof Error) throw self.next
    if (self.next) return { ok: false, problem: self.next }
    const { message } = submission.fields
    if (typeof message !== 'string' || message.trim() === '') return refuse('MESSAGE_REQUIRED', 'Enter a message.')
    if (message.length > MESSAGE_MAX) return refuse('MESSAGE_TOO_LONG', 'The message is too long.')
    const key = submission.idempotencyKey ?? randomBytes(8).toString('hex')
    const fingerprint = JSON.stringify(submission.fields)
    const before = accepted.get(key)
    if (before && before.fingerprint !== fingerprint)
      return refuse('KEY_REUSED', 'The key was used for another ticket.')
    if (before) return { ...before.answer, repeated: true }
    const number = accepted.size + 1
    const answer = {
      ok: true,
      id: `id-${number}`,
      number,
      reference: `SUP-7K3F-Q2M${number}`,
      createdAt: self.clock.at,
      repeated: false,
    } as const
    accepted.set(key, { fingerprint, answer })
    return answer
  }
}
