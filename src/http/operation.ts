/** `/status` and `/livez`: for balancers and whoever watches the service. */
import type { FastifyInstance } from 'fastify'
import { JSON_TYPE, sendProblem } from './answers.ts'

export type OperationDeps = {
  /** Why tickets cannot be taken at the moment, in a sentence; undefined when they can. */
  readonly trouble: () => Promise<string | undefined>
}

export const registerOperation = (app: FastifyInstance, deps: OperationDeps): void => {
  // Some balancers ask with HEAD.
  const method = ['GET', 'HEAD']
  app.route({ method, url: '/livez', handler: (_request, reply) => reply.header('content-type', JSON_TYPE).send('{}') })

  app.route({
    method,
    url: '/status',
    async handler(_request, reply) {
      const why = await deps.trouble()
      if (why === undefined) return reply.header('content-type', JSON_TYPE).send('{}')
      return sendProblem(reply, { code: 'STORE_UNAVAILABLE', why, retryAfterSeconds: 5 })
    },
  })
}
