/** The evaluation mode answers only to this computer's own names. It listens on loopback only, but a foreign page can point a
 *  name of its own at 127.0.0.1 (DNS rebinding) and would then be same-origin with us; the Host header gives that away. */
import type { FastifyInstance } from 'fastify'
import type { Problem } from '../api/errors.ts'
import { sendProblem } from './answers.ts'

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i

/** Refuses every other Host with 421 (Misdirected Request). To be called before any route is added. */
export const registerLoopbackOnly = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (request, reply) => {
    if (LOOPBACK_HOST.test(request.headers.host ?? '')) return
    return sendProblem(reply, WRONG_HOST)
  })
}

const WRONG_HOST: Problem = {
  code: 'WRONG_HOST',
  why: 'In the evaluation mode only this computer can use the service. Nothing was sent: open http://127.0.0.1 or http://localhost.',
}
