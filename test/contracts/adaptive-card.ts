/** Reading the card that Teams gets: its envelope, its size, and that user text stands where no markup is read. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

export type Card = {
  readonly body: readonly { readonly type: string; readonly inlines?: readonly Run[]; readonly items?: Card['body'] }[]
}
type Run = { readonly type: string; readonly text: string }

export const cardOf = (body: unknown): Card => {
  // `checkCard` looks at all of it before anything relies on the type.
  const { attachments } = body as { attachments: { content: Card }[] }
  return attachments[0]?.content ?? assert.fail('no card')
}

/** What is used here of the library of those who made the format; its types are for pages. */
type Library = {
  readonly AdaptiveCard: new () => {
    parse(card: unknown, context: Context): void
    validateProperties(): { readonly validationEvents: readonly { readonly message: string }[] }
  }
  readonly SerializationContext: new (version: unknown) => Context
  readonly Versions: { readonly v1_4: unknown }
}
type Context = { readonly eventCount: number; getEventAt(index: number): { readonly message: string } }
const library: Library = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js')

/** What it finds wrong: elements and values that version 1.4 does not know, and what is missing. */
const complaintsOf = (card: unknown): string[] => {
  const context = new library.SerializationContext(library.Versions.v1_4)
  const parsed = new library.AdaptiveCard()
  parsed.parse(card, context)
  const events = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message)
  return [...events, ...parsed.validateProperties().validationEvents.map(({ message }) => message)]
}

/** It lets pass what it does not know by name, which the format's schema does not: all that may stand in an element here. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Container: ['type', 'style', 'items'],
  RichTextBlock: ['type', 'inlines', 'spacing'],
  TextRun: ['type', 'text', 'size', 'weight', 'color', 'isSubtle'],
}
const checkMembers = (element: { readonly type: string }): void => {
  const unknown = Object.keys(element).filter(name => !MEMBERS[element.type]?.includes(name))
  assert.deepEqual(unknown, [], element.type)
}

export const checkCard = (body: unknown): void => {
  const bytes = Buffer.byteLength(JSON.stringify(body))
  assert.ok(bytes <= 20_000, `${bytes} bytes`)
  const { body: items, ...others } = cardOf(body)
  const { actions = [], ...envelope } = others as { actions?: readonly object[] }
  assert.deepEqual(envelope, {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
  })
  for (const action of actions) {
    const { url = '', ...known } = action as { url?: string }
    assert.deepEqual(known, { type: 'Action.OpenUrl', title: 'Open the ticket' })
    assert.match(url, /^https:\/\/support\.example\.org\/console\/[0-9a-f-]+$/)
  }
  assert.deepEqual(complaintsOf(cardOf(body)), [])
  for (const item of items) {
    checkMembers(item)
    const blocks = item.type === 'Container' ? (item.items ?? []) : [item]
    for (const block of blocks) {
      const { type, inlines = [] } = block
      assert.equal(type, 'RichTextBlock')
      checkMembers(block)
      for (const run of inlines) {
        checkMembers(run)
        assert.equal(run.type, 'TextRun')
        assert.notEqual(run.text, '')
        assert.ok(!('selectAction' in run))
        assert.doesNotMatch(run.text, /\{\{(?:DATE|TIME)\(/)
      }
    }
  }
}

/** The texts of each block as they stand below each other; a container's last. */
export const linesOf = (body: unknown): string[] =>
  cardOf(body).body.flatMap(item =>
    (item.items ?? [item]).map(({ inlines = [] }) => inlines.map(({ text }) => text).join('')),
  )
