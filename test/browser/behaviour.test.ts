/** What a visitor can do on the user's pages, in a real browser, with and without a script. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MESSAGE_MAX } from '../support/pages-app.ts'
import { base, deliver, options, pages, send, signIn, withPage } from './stage.ts'

test('without JavaScript: a sign-in link works once, and a form is sent and confirmed', options, async () => {
  await withPage({ javaScriptEnabled: false }, async page => {
    const link = `${base}/sign-in/${pages.loginLink('USER')}`
    await page.goto(link)
    assert.equal(new URL(page.url()).pathname, '/')
    await page.click('text=Something is broken')
    await page.fill('#subject', 'Job stops')
    await page.fill('#message', '\nfirst\nsecond')
    await page.click('button:text("Send message")')
    assert.match((await page.textContent('h1')) ?? '', /We have your message/)
    assert.match((await page.textContent('.stub output')) ?? '', /^SUP-/)
    assert.equal(await page.isVisible('text=Copy'), false, 'a button that could not work is not shown')
    assert.match((await page.textContent('time')) ?? '', /UTC/)
    assert.deepEqual(pages.submissions.at(-1)?.fields, {
      subject: 'Job stops',
      message: '\nfirst\nsecond',
      type: 'BUG',
    })
    await page.context().clearCookies()
    const again = await page.goto(link)
    assert.equal(again?.status(), 410)
    assert.match((await page.textContent('h1')) ?? '', /used already/)
  })
})

test(
  'without JavaScript: a form that cannot be sent keeps every character, and goes through once it can',
  options,
  async () => {
    const text = `\n\n  <b>"&amp;\u202e</textarea>\n${'あ👩‍👩‍👧'.repeat(10)}\n\n`
    await withPage({ javaScriptEnabled: false }, async page => {
      await signIn(page)
      pages.next = { code: 'OUTCOME_UNKNOWN', why: '' }
      await send(page, text)
      await page.click('button:text("Try again")')
      assert.equal(await page.inputValue('#message'), text)
      pages.next = undefined
      await page.click('button:text("Try again")')
      assert.match((await page.textContent('h1')) ?? '', /We have your message/)
      assert.equal(pages.submissions.at(-1)?.fields.message, text)
      const keys = new Set(pages.submissions.slice(-3).map(submission => submission.idempotencyKey))
      assert.equal(keys.size, 1, 'the same key on every try')
    })
  },
)

test('a text above the limit is not cut, and says by how much it is too long', options, async () => {
  await withPage({ javaScriptEnabled: false }, async page => {
    await signIn(page)
    await send(page, `${'\n'.repeat(100)}${'x'.repeat(MESSAGE_MAX + 400)}`)
    assert.equal((await page.inputValue('#message')).length, MESSAGE_MAX + 500)
    assert.match((await page.textContent('#message-error')) ?? '', /500 too long/)
    await page.fill('#message', `${'\n'.repeat(500)}${'x'.repeat(MESSAGE_MAX - 500)}`)
    await page.click('button:text("Send message")')
    assert.match(
      (await page.textContent('h1')) ?? '',
      /We have your message/,
      'exactly the limit, half of it line breaks',
    )
  })
})

test('what is wrong has the focus when the page opens, and leads to its field', options, async () => {
  await withPage({}, async page => {
    await signIn(page)
    await send(page, ' ')
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'alert')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'message')
    assert.match((await page.title()) ?? '', /^Not sent yet/)
  })
})

test('loading the confirmation again sends nothing twice', options, async () => {
  await withPage({}, async page => {
    await signIn(page)
    await send(page, 'Only once')
    const reference = await page.textContent('.stub output')
    await page.reload()
    assert.equal(await page.textContent('.stub output'), reference)
    assert.match((await page.textContent('main')) ?? '', /nothing was sent twice/)
  })
})

test('hostile text from a link, a form and a message stays text', options, async () => {
  const hostile = `"'><img src=x onerror=alert(1)></textarea></pre><script>alert(1)</script>\u202e<a href=javascript:alert(1)>x</a>`
  const query = new URLSearchParams({ subject: hostile, message: hostile, type: hostile, page: hostile })
  deliver('hostile', hostile)
  await withPage({}, async page => {
    await signIn(page)
    await page.goto(`${base}/?${query}`)
    assert.equal(await page.inputValue('#message'), hostile)
    await page.click('button:text("Send message")')
    await page.goto(`${base}/evaluation`)
    assert.ok((await page.textContent('.landed blockquote'))?.startsWith(hostile.slice(0, 60)))
    assert.equal(await page.locator('.landed img, .landed script, a[href^="javascript"]').count(), 0)
    assert.doesNotMatch((await page.textContent('.landed pre')) ?? '', /\u202e/u)
  })
})

test('the reference can be copied', options, async () => {
  await withPage({ permissions: ['clipboard-read', 'clipboard-write'] }, async page => {
    await signIn(page)
    await send(page, 'To be copied')
    await page.click('text=Copy')
    await page.waitForSelector('text=Copied')
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await page.textContent('.stub output'))
  })
})

test('new messages appear by themselves and leave open disclosures, focus and scroll alone', options, async () => {
  deliver('first', 'The first')
  await withPage({}, async page => {
    await page.goto(`${base}/evaluation`)
    assert.equal(await page.isVisible('text=Refresh'), false)
    const first = page.locator('.landed > li', { hasText: 'The first' })
    await first.locator('summary').click()
    await first.locator('pre').focus()
    await first.locator('pre').evaluate(pre => (pre.scrollTop = 20))
    deliver('second', 'The second')
    await page.waitForSelector('.landed > li:first-child:has-text("The second")', { timeout: 5_000 })
    assert.equal(await first.locator('details').evaluate(details => (details as HTMLDetailsElement).open), true) // it is a details element
    assert.deepEqual(
      await page.evaluate(() => [document.activeElement?.localName, document.activeElement?.scrollTop]),
      ['pre', 20],
    )
    assert.equal(await page.textContent('#announce'), 'One new message')
    deliver('first', 'The first')
    await first.locator('text=Arrived 2 times').waitFor({ timeout: 5_000 })
    assert.equal(await first.locator('details').evaluate(details => (details as HTMLDetailsElement).open), true) // it is a details element
    assert.equal(await page.evaluate(() => document.activeElement?.localName), 'pre')
  })
})

test('without JavaScript the inbox is refreshed by a link and made to misbehave by a button', options, async () => {
  await withPage({ javaScriptEnabled: false }, async page => {
    await page.goto(`${base}/evaluation`)
    await page.click('text=Refresh')
    await page.check('text=Be down for the next 3 attempts')
    await page.click('text=Apply')
    assert.match((await page.textContent('[data-live=mode]')) ?? '', /down for 3 more attempts/)
    assert.equal(await page.isChecked('input[value=down]'), true)
    pages.inbox.setMode('well', 0)
  })
})

test(
  'without JavaScript the API is one page: a call is found by its address, its shapes by their links',
  options,
  async () => {
    await withPage({ javaScriptEnabled: false }, async page => {
      const distance = (id: string) =>
        page.evaluate(id => document.getElementById(id)?.getBoundingClientRect().top ?? Number.NaN, id)
      await page.goto(`${base}/docs#retrieve`)
      assert.ok(Math.abs(await distance('retrieve')) < 40)
      await page.click('#retrieve a[href="#TicketDetails"]')
      assert.ok(Math.abs(await distance('TicketDetails')) < 40)
      await page.click('text=openapi.json')
      assert.equal(new URL(page.url()).pathname, '/openapi.json')
      assert.equal(JSON.parse((await page.textContent('body')) ?? '').openapi, '3.1.0')
    })
  },
)

test('signing out ends at the sign-in page', options, async () => {
  await withPage({ javaScriptEnabled: false }, async page => {
    await signIn(page)
    await page.click('text=Sign out')
    assert.match((await page.textContent('h1')) ?? '', /Sign in/)
  })
})

test('a form on another site sends nothing in our user’s name', options, async () => {
  await withPage({}, async page => {
    await signIn(page)
    const before = pages.submissions.length
    // The same server under its other name is another origin, and another site.
    await page.route('http://other.test/**', route =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form action="${base}/" method="post"><input name="message" value="forged"></form>`,
      }),
    )
    page.removeAllListeners('request')
    await page.goto('http://other.test/')
    await page.evaluate(() => document.forms[0]?.submit())
    await page.waitForURL(`${base}/`)
    assert.match((await page.textContent('[role=alert]')) ?? '', /came from another page/)
    assert.equal(pages.submissions.length, before)
  })
})
