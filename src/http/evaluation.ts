/** The evaluation mode's own page: what would have landed in chat, and the switch that makes it go wrong. */
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import { inboxPage, type Landed, messagePage } from '#pages'
import { type LandedRecord, modeNames } from './evaluation-inbox.ts'
import { type ReceiverDeps, registerReceiver } from './evaluation-receiver.ts'
import { field } from './form.ts'
import { makeSendPage, type PageDeps, registerPageErrors, type SendPage } from './page-answer.ts'
import { isSameOrigin } from './same-origin.ts'
import type { Sessions } from './sessions.ts'

export type EvaluationDeps = ReceiverDeps &
  PageDeps & {
    readonly sessions: Sessions
    readonly failed: (requestId: string, error: unknown) => void
  }

/** Adds GET `/evaluation`, POST `/evaluation/misbehave` and POST `/evaluation/receive/:destination`. The page asks for no session:
 *  its link carries no secret, and only this computer reaches it (loopback-only.ts). */
export const registerEvaluation = (app: FastifyInstance, deps: EvaluationDeps): void => {
  const sendPage = makeSendPage(deps)
  registerReceiver(app, deps)
  app.register(async scope => {
    await scope.register(formbody)
    registerPageErrors(scope, sendPage, deps.failed)
    registerInbox(scope, deps, sendPage)
  })
}

const registerInbox = (
  scope: FastifyInstance,
  { inbox, destinations, clock, random, sessions }: EvaluationDeps,
  sendPage: SendPage,
): void => {
  // A page of an earlier life of the process must not be taken for this one's.
  const life = Buffer.from(random.bytes(6)).toString('base64url')

  scope.get('/evaluation', async (request, reply) => {
    const now = clock.now()
    const mode = inbox.mode(now)
    const revision = `"${life}-${inbox.revision()}-${mode.kind}"`
    // The page's script asks every two seconds; nothing is made again while nothing has changed.
    reply.headers({ etag: revision, 'cache-control': 'no-store' })
    if (request.headers['if-none-match'] === revision) return reply.code(304).send()

    const asked = field(request.query, 'destination')
    const chosen = destinations.includes(asked) ? asked : null
    const all = inbox.landed()
    const channels = destinations.map(name => ({
      name,
      count: all.filter(record => record.destination === name).length,
    }))
    const landed = all.filter(record => chosen === null || record.destination === chosen).map(showLanded)
    // The store being down must not hide what landed: the page then simply does not say who is signed in.
    const principal = await sessions.sessionOf(request).catch(() => undefined)
    return sendPage(reply, shell => inboxPage({ shell, channels, chosen, landed, mode, now }), { principal })
  })

  scope.post('/evaluation/misbehave', async (request, reply) => {
    const wanted = field(request.body, 'mode')
    const name = modeNames.find(known => known === wanted)
    if (!isSameOrigin(request) || !name) {
      const sentences = ['The request did not come from the page that offers it, so nothing was changed.']
      const status = name ? 403 : 400
      return sendPage(
        reply,
        shell => messagePage({ shell, title: 'Nothing was changed', sentences, requestId: request.id }),
        { status },
      )
    }
    inbox.setMode(name, clock.now())
    return reply.header('cache-control', 'no-store').redirect('/evaluation', 303)
  })
}

const showLanded = ({ destination, delivery, attempts, payload, bytes }: LandedRecord): Landed => ({
  key: `${destination} ${delivery}`,
  version: attempts.length,
  destination,
  attempts,
  payload,
  bytes,
  sentAt: createdAt(delivery),
})

/** The id of a created event's delivery begins with the ticket's UUIDv7, whose first 48 bits are the milliseconds when it was made. */
const createdAt = (delivery: string): number | null => {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}-1-/.exec(delivery) ?? []
  return high === undefined || low === undefined ? null : Number.parseInt(high + low, 16)
}
