/** The card for Teams, drawn by the renderer of those who made the format: what of a user's text comes alive. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import teams from '../../src/destinations/teams.ts'
import type { Level } from '../../src/domain/destination.ts'
import { chatText } from '../../src/domain/text.ts'
import { cardOf } from '../contracts/adaptive-card.ts'
import { hostile, longTexts } from '../contracts/hostile.ts'
import { AT, bareEvent, createdEvent } from '../contracts/outgoing.ts'
import { launchBrowser } from './browser.ts'

const browser = await launchBrowser()
const options = { skip: browser ? false : 'no browser found' }
after(() => browser?.close())

const RENDERER = fileURLToPath(new URL('../dist/adaptivecards.js', import.meta.resolve('adaptivecards')))

type Drawn = {
  readonly complaints: string[]
  /** Texts that were handed to a reader of Markdown. */
  readonly read: string[]
  readonly links: string[]
  readonly elements: string[]
  readonly text: string
}

/** What is used here of the library as its script leaves it. */
type Library = {
  readonly AdaptiveCard: (new () => {
    parse(card: unknown, context: Context): void
    validateProperties(): { readonly validationEvents: readonly { readonly message: string }[] }
    render(): HTMLElement
  }) & { onProcessMarkdown(text: string): void }
  readonly SerializationContext: new (version: unknown) => Context
  readonly Versions: { readonly v1_4: unknown }
}
type Context = { readonly eventCount: number; getEventAt(index: number): { readonly message: string } }

/** Draws each card in a page that loads nothing. */
const draw = async (cards: readonly unknown[]): Promise<Drawn[]> => {
  if (!browser) throw new Error('tests without a browser are skipped')
  const page = await browser.newPage()
  try {
    await page.addScriptTag({ path: RENDERER })
    return await page.evaluate(all => {
      const library = (globalThis as unknown as { AdaptiveCards: Library }).AdaptiveCards
      return all.map(card => {
        const read: string[] = []
        library.AdaptiveCard.onProcessMarkdown = (text: string) => {
          read.push(text)
        }
        const drawn = new library.AdaptiveCard()
        const context = new library.SerializationContext(library.Versions.v1_4)
        drawn.parse(card, context)
        const events = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message)
        const invalid = drawn.validateProperties().validationEvents.map(event => event.message)
        const element: HTMLElement = drawn.render()
        document.body.replaceChildren(element)
        return {
          complaints: [...events, ...invalid],
          read,
          links: [...element.querySelectorAll('a')].map(link => link.href),
          elements: [...new Set([...element.querySelectorAll('*')].map(({ tagName }) => tagName.toLowerCase()))],
          text: element.innerText,
        }
      })
    }, cards)
  } finally {
    await page.close()
  }
}

const cardAt = (text: string, level: Level) =>
  cardOf(
    JSON.parse(
      teams.start(
        createdEvent({
          ticket: {
            subject: text,
            message: text,
            user: { username: text, role: 'USER', name: text, email: text, organization: null },
            technical: { requestId: 'r', userAgent: text },
            context: { page: text },
          },
        }),
        { url: 'https://flow.example.org/x' },
        { level, at: AT },
      ).body,
    ),
  )

test(
  'no hostile text becomes anything but text, at any level, and the renderer has nothing to complain of',
  options,
  async () => {
    const texts = [
      ...hostile,
      ...longTexts.map(text => text.slice(0, 3_000)),
      'at {{DATE(2017-02-14T06:08:39Z, SHORT)}}',
    ]
    for (const level of teams.levels) {
      const drawn = await draw(texts.map(text => cardAt(text, level)))
      for (const [index, { complaints, read, links, elements }] of drawn.entries()) {
        const text = JSON.stringify(texts[index])
        assert.deepEqual(complaints, [], text)
        assert.deepEqual(read, [], `${text} was read as Markdown`)
        assert.deepEqual(links, [], text)
        assert.deepEqual(
          elements.filter(name => !['div', 'p', 'span', 'br', 'button'].includes(name)),
          [],
          text,
        )
      }
    }
  },
)

test('the lines of a message are shown below each other, letter by letter as written', options, async () => {
  const message = 'first *line* {{x}}\n\n  third & <b>last</b>'
  const [drawn] = await draw([
    cardOf(
      JSON.parse(
        teams.start(bareEvent({ ticket: { message } }), { url: 'https://x.example' }, { level: 'rich', at: AT }).body,
      ),
    ),
  ])
  assert.ok(drawn?.text.includes(chatText(message).replace('  third', 'third')), drawn?.text)
  assert.match(drawn?.text ?? '', /^Ticket SUP-7K3F-Q2MX: My subject\nUsername: x\n/)
})

test(
  'the renderer does complain of a card that is none, and does read Markdown where we do not stand',
  options,
  async () => {
    const [broken, block] = await draw([
      { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'Nonsense' }] },
      { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text: '*x*' }] },
    ])
    assert.notDeepEqual(broken?.complaints, [])
    assert.deepEqual(block?.read, ['*x*'])
  },
)
