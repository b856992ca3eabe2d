/** The pages about tickets: a user's own, and staff's. They call what the API calls, so that no rule stands in two places. */
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import { type ConsoleDeps, registerConsole } from './console.ts'
import { type ConsoleTicketDeps, registerConsoleTicket } from './console-ticket.ts'
import { formMaxBytes } from './form-routes.ts'
import { type MyTicketsDeps, registerMyTickets } from './my-tickets.ts'
import { makeSendPage, type PageDeps, registerPageErrors } from './page-answer.ts'

export type TicketPagesDeps = PageDeps & Omit<ConsoleDeps & ConsoleTicketDeps & MyTicketsDeps, 'sendPage'>

/** Adds `/tickets`, `/tickets/:id`, `/console` and `/console/:id`. */
export const registerTicketPages = (app: FastifyInstance, given: TicketPagesDeps): void => {
  const deps = { ...given, sendPage: makeSendPage(given) }
  app.register(async scope => {
    await scope.register(formbody, { bodyLimit: formMaxBytes(deps.messageMaxLength) })
    registerPageErrors(scope, deps.sendPage, deps.failed)
    registerMyTickets(scope, deps)
    registerConsole(scope, deps)
    registerConsoleTicket(scope, deps)
  })
}
