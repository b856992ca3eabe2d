/** My tickets and the console, in a real browser: without a script, in light and dark, wide and as narrow as 320 px. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { type Desk, LONG, signedInBy, staffToken, startDesk, userToken } from './desk.ts'
import { axeFindings, pixelsTooWide } from './looks.ts'
import { options, withPage } from './stage.ts'

let desk: Desk
before(async () => {
  desk = await startDesk()
})
after(() => desk.stop())

const asUser = (use: (page: Page) => Promise<void>) =>
  withPage(signedInBy(userToken(), { javaScriptEnabled: false }), use, desk.address)
const asStaff = (use: (page: Page) => Promise<void>) =>
  withPage(signedInBy(staffToken(), { javaScriptEnabled: false }), use, desk.address)

const open = (path: string) => (page: Page) => page.goto(desk.address + path)
const shown: Record<string, { readonly bearer: () => string; readonly open: (page: Page) => Promise<unknown> }> = {
  'my tickets': { bearer: userToken, open: open('/tickets') },
  'a ticket of mine': { bearer: userToken, open: page => open(`/tickets/${desk.talked}?done=added`)(page) },
  'a comment without a text': {
    bearer: userToken,
    async open(page) {
      await open(`/tickets/${desk.talked}`)(page)
      await page.click('text=Send')
    },
  },
  'text kept': {
    bearer: userToken,
    async open(page) {
      await open(`/tickets/${desk.talked}`)(page)
      await page.fill('#message', 'All of it')
      await page.context().setExtraHTTPHeaders({})
      await page.click('text=Send')
    },
  },
  console: { bearer: staffToken, open: open('/console?done=paused') },
  'console, a ticket': { bearer: staffToken, open: page => open(`/console/${desk.talked}`)(page) },
  'console, a ticket that was given up': { bearer: staffToken, open: page => open(`/console/${desk.dead}`)(page) },
}

for (const [name, state] of Object.entries(shown)) {
  test(
    `${name}: axe finds nothing, light at 1280 px and dark at 320 px, and nothing scrolls sideways`,
    options,
    async () => {
      const settings = signedInBy(state.bearer(), { colorScheme: 'light', viewport: { width: 1280, height: 800 } })
      const use = async (page: Page) => {
        await state.open(page)
        for (const [colorScheme, width] of [
          ['light', 1280],
          ['dark', 320],
        ] as const) {
          await page.emulateMedia({ colorScheme })
          await page.setViewportSize({ width, height: 800 })
          assert.deepEqual(await axeFindings(page), [], `${colorScheme}, ${width} px`)
          assert.equal(await pixelsTooWide(page), 0, `${width} px`)
        }
      }
      await withPage(settings, use, desk.address)
    },
  )
}

test('a user finds their ticket, adds to it, and says that it is solved and that it came back', options, async () => {
  await asUser(async page => {
    await page.goto(`${desk.address}/`)
    await page.click('text=My tickets')
    await page.click('text=Job stops after exactly 20 minutes')
    assert.doesNotMatch((await page.textContent('main')) ?? '', /Internal note|test queue’s/)
    await page.fill('#message', '\nIt works now.')
    await page.click('text=This is solved')
    assert.match((await page.textContent('[role=status].banner')) ?? '', /is solved/)
    assert.equal(await page.locator('.entry .body').last().textContent(), '\nIt works now.')
    assert.match((await page.textContent('.pill')) ?? '', /Closed/)
    assert.equal(await page.inputValue('#message'), '')
    await page.click('text=It came back')
    assert.match((await page.textContent('.pill')) ?? '', /Being looked at/)
  })
})

test('staff reply, and what stands in the box for notes stays there until it is saved', options, async () => {
  await asStaff(async page => {
    await page.goto(`${desk.address}/console`)
    await page.click(`.table >> text=${desk.long}`, { trial: true })
    await page.click('.table a:text("The whole log")')
    await page.fill('#note', 'Ask Peter\n')
    await page.fill('#message', 'Which line is it?')
    await page.selectOption('[name=reply-status]', 'WAITING_FOR_USER')
    await page.click('text=Send reply')
    assert.match((await page.textContent('.pill')) ?? '', /Waiting for the user/)
    assert.deepEqual([await page.inputValue('#message'), await page.inputValue('#note')], ['', 'Ask Peter\n'])
    await page.click('text=Save note')
    assert.equal(await page.inputValue('#note'), '')
    assert.match((await page.textContent('.entry.internal')) ?? '', /Internal note.*Ask Peter/s)
  })
})

test(
  'a text of half a million characters is there to its end, and what follows it can be reached',
  options,
  async () => {
    await asUser(async page => {
      await page.goto(`${desk.address}/tickets/${desk.long}`)
      assert.equal(await page.locator('.entry .body').first().textContent(), LONG)
      await page.setViewportSize({ width: 320, height: 800 })
      assert.equal(await pixelsTooWide(page), 0)
      const box = await page.locator('#message').boundingBox()
      assert.ok(box && box.y < 1_500, `the box to write in begins ${box?.y} px down`)
    })
  },
)

test(
  'by keyboard alone: the ring is seen on every stop of the console, in an order that is read',
  options,
  async () => {
    await asStaff(async page => {
      await page.goto(`${desk.address}/console`)
      const stops: string[] = []
      for (let i = 0; i < 14; i += 1) {
        await page.keyboard.press('Tab')
        const focused = page.locator(':focus')
        stops.push(((await focused.textContent()) ?? '').trim())
        assert.notEqual(await focused.evaluate(element => getComputedStyle(element).outlineStyle), 'none', stops.at(-1))
      }
      assert.deepEqual(stops.slice(0, 6), [
        'Skip to the content',
        'Support Relay',
        'Write to us',
        'My tickets',
        'Console',
        'How do I share a folder with a guest?',
      ])
      assert.ok(stops.includes('Pause: archive'), stops.join(', '))
    })
  },
)
