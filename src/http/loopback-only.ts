/** The evaluation mode answers only to this computer's own names. It listens on loopback only, but a foreign page can point a
 *  name of its own at 127.0.0.1 (DNS rebinding) and would then be same-origin with us; the Host header gives that away. */
import type { FastifyInstance } from 'fastify'

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i

/** Refuses every other Host with 421 (Misdirected Request). To be called before any route is added. */
export const registerLoopbackOnly = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (request, reply) => {
    if (LOOPBACK_HOST.test(request.headers.host ?? '')) return
    const why =
      'In the evaluation mode only this computer can use the service, at http://127.0.0.1 or http://localhost.'
    return reply
      .code(421)
      .header('content-type', 'application/json; charset=utf-8')
      .header('x-content-type-options', 'nosniff')
      .send(JSON.stringify({ why, errorCode: null, statusCode: 421 }))
  })
}
