/** Reading the card that Teams gets: its envelope, its size, and that user text stands where no markup is read. */
import assert from 'node:assert/strict'

export type Card = {
  readonly body: readonly { readonly type: string; readonly inlines?: readonly Run[]; readonly items?: Card['body'] }[]
}
type Run = { readonly type: string; readonly text: string }

export const cardOf = (body: unknown): Card => {
  // `checkCard` looks at all of it before anything relies on the type.
  const { attachments } = body as { attachments: { content: Card }[] }
  return attachments[0]?.content ?? assert.fail('no card')
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
  for (const item of items) {
    const blocks = item.type === 'Container' ? (item.items ?? []) : [item]
    for (const { type, inlines = [] } of blocks) {
      assert.equal(type, 'RichTextBlock')
      for (const run of inlines) {
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
