/** The user's pages: the form, signing in and out, and what they load. Everything works without JavaScript. */
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import { registerAssets } from './assets.ts'
import { type FormDeps, formMaxBytes, registerForm } from './form-routes.ts'
import { makeSendPage, type PageDeps, registerPageErrors } from './page-answer.ts'
import { registerSigning } from './signing.ts'

export type PagesDeps = FormDeps &
  PageDeps & {
    /** Null unless in the evaluation mode, the only one that has sign-in links. */
    readonly evaluation: { readonly loginSecret: Uint8Array; readonly dataFolder: string } | null
  }

/** Adds GET and POST `/`, GET `/sign-in/:secret` (evaluation mode), POST `/sign-out` and `/assets/*`. */
export const registerPages = (app: FastifyInstance, deps: PagesDeps): void => {
  const sendPage = makeSendPage(deps)
  registerAssets(app, deps.assets)
  app.register(async scope => {
    await scope.register(formbody, { bodyLimit: formMaxBytes(deps.messageMaxLength) })
    registerPageErrors(scope, sendPage, deps.failed)
    registerForm(scope, deps, sendPage)
    registerSigning(scope, deps, sendPage)
  })
}
