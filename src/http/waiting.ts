/** What stands at the service's address while it waits for its database: alive, and not able to take tickets. */
import fastify, { type FastifyInstance } from 'fastify'
import { sendProblem, storeProblem } from './answers.ts'
import { registerOperation } from './operation.ts'

/** @param why in a sentence, asked for with each request */
export const waitingApp = (why: () => string): FastifyInstance => {
  const app = fastify()
  registerOperation(app, { trouble: async () => why() })
  app.removeAllContentTypeParsers()
  // No body is read: nothing can be done with it.
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, { ...storeProblem, why: why() }))
  return app
}
