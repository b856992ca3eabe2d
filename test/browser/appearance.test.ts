/** How every state of the user's pages looks, as far as a machine can tell: light and dark, wide and as narrow as 320 px. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { axeFindings, pixelsTooWide } from './looks.ts'
import { base, deliver, options, refused, send, signIn, withPage } from './stage.ts'

const states: Record<string, (page: Page) => Promise<void>> = {
  'signed out': async page => {
    await page.context().clearCookies()
    await page.goto(`${base}/`)
  },
  'a link that does not work': async page => {
    await page.context().clearCookies()
    await page.goto(`${base}/sign-in/x`)
  },
  form: async page => {
    await page.goto(`${base}/?page=/jobs/41827&type=BUG`)
    await page.click('summary')
  },
  invalid: page => send(page, ' '),
  'too long': page => send(page, 'Averylongword'.repeat(100)),
  limited: page => refused(page, { code: 'RATE_LIMITED', why: '', retryAfterSeconds: 900 }),
  'not stored': page => refused(page, { code: 'STORE_UNAVAILABLE', why: '' }),
  'outcome unknown': page => refused(page, { code: 'OUTCOME_UNKNOWN', why: '' }),
  'signed out meanwhile': async page => {
    await page.goto(`${base}/`)
    await page.context().clearCookies()
    await page.click('form#form button.primary')
  },
  sent: page => send(page, 'All of it'),
  'the API': async page => {
    await page.goto(`${base}/docs`)
    await page.click('summary')
  },
  'inbox, empty': async page => {
    await page.goto(`${base}/evaluation?destination=devsupport`)
  },
  inbox: async page => {
    deliver('shown', 'Averylongword'.repeat(40))
    await page.goto(`${base}/evaluation`)
    await page.click('.landed summary')
  },
}

for (const [name, open] of Object.entries(states)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(
      `${name}, ${colorScheme}: axe finds nothing, at 1280 and at 320 px, and nothing scrolls sideways`,
      options,
      async () => {
        await withPage({ colorScheme, viewport: { width: 1280, height: 800 } }, async page => {
          await signIn(page)
          await open(page)
          for (const width of [1280, 320]) {
            await page.setViewportSize({ width, height: 800 })
            assert.deepEqual(await axeFindings(page), [], `${width} px`)
            assert.equal(await pixelsTooWide(page), 0, `${width} px`)
          }
        })
      },
    )
  }
}

test('letters have a size here, so that what is said about layout means something', options, async () => {
  await withPage({}, async page => {
    await signIn(page)
    const height = await page.evaluate(() => document.querySelector('h1')?.getBoundingClientRect().height ?? 0)
    assert.ok(height > 20, `${height} px`)
  })
})
