/** What the browser tests have in common: a browser, the pages with something to show, and the first steps of a visit. */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Problem } from '../../src/api/errors.ts'
import { slackMessage } from '../../src/destinations/slack-message.ts'
import { createdEvent } from '../contracts/outgoing.ts'
import { type PagesApp, startPagesApp } from '../support/pages-app.ts'
import { launchBrowser } from './browser.ts'

export const browser = await launchBrowser()
export const options = { skip: browser ? false : 'no browser found' }
export let pages: PagesApp
export let base: string

before(async () => {
  pages = await startPagesApp({ at: Date.now() })
  base = await pages.app.listen({ port: 0, host: '127.0.0.1' })
})
after(async () => {
  await browser?.close()
  await pages.close()
})

/** A page of its own in a fresh profile; fails the test if anything broke the content security policy or threw. */
export const withPage = async (
  settings: BrowserContextOptions,
  use: (page: Page) => Promise<void>,
  origin = base,
): Promise<void> => {
  const context = await (browser as Browser).newContext(settings) // tests without a browser are skipped
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('dialog', dialog => complaints.push(`dialog: ${dialog.message()}`))
  page.on('console', message => {
    if (/content security policy|refused/i.test(message.text())) complaints.push(message.text())
  })
  page.on('request', request => {
    if (!request.url().startsWith(origin)) complaints.push(`request to ${request.url()}`)
  })
  try {
    await use(page)
    assert.deepEqual(complaints, [])
  } finally {
    await context.close()
  }
}

export const signIn = async (page: Page): Promise<void> => {
  await page.goto(`${base}/sign-in/${pages.loginLink('USER')}`)
}
export const send = async (page: Page, message: string): Promise<void> => {
  await page.goto(`${base}/`)
  await page.fill('#message', message)
  await page.click('form#form button.primary')
}
export const refused = async (page: Page, problem: Problem): Promise<void> => {
  pages.next = problem
  await send(page, 'All of it')
  pages.next = undefined
}
/** As the engine would: the message that Slack would get, with this text in it. */
export const deliver = (delivery: string, message: string): void => {
  const body = slackMessage(createdEvent({ ticket: { message, subject: message } }), 'rich')
  pages.inbox.receive(
    { destination: 'support', delivery, payload: JSON.parse(body), bytes: body.length },
    pages.clock.at,
  )
}
