/** Reading a Slack message as Slack does: limits, what is markup, what a reader sees. Numbers from Slack's Block Kit reference. */
import assert from 'node:assert/strict'
import type { KnownBlock } from '@slack/types'
import type { Level } from '../../src/domain/destination.ts'
import { texts } from './destination.ts'

export type SlackBody = { readonly text: string; readonly blocks: KnownBlock[] }

export const readSlack = (body: unknown): SlackBody => {
  assert.ok(isObject(body) && typeof body.text === 'string')
  // `checkBlock` looks at each of them before anything relies on their type.
  const blocks = Array.isArray(body.blocks) ? (body.blocks as KnownBlock[]) : []
  return { text: body.text, blocks }
}

/** Throws when Slack would refuse the body, split it, or read user text as markup. */
export const checkSlackBody = (body: unknown, level: Level): void => {
  assert.ok(isObject(body))
  assert.deepEqual(Object.keys(body).sort(), [
    ...(level === 'rich' ? ['blocks'] : []),
    'mrkdwn',
    'text',
    'unfurl_links',
    'unfurl_media',
  ])
  assert.ok(body.unfurl_links === false && body.unfurl_media === false && body.mrkdwn === false)
  const { text, blocks } = readSlack(body)
  assert.ok(text.length > 0 && text.length <= 4_000, `${text.length} units of text`)
  // Only our own quote marks stand unescaped, and only what Slack unescapes is escaped.
  const inner = text.replaceAll(/^> /gm, '').replaceAll(/&(?:amp|lt|gt);/g, '')
  assert.doesNotMatch(inner, /[&<>]/, text)
  for (const block of blocks) checkBlock(block)
  assert.ok(blocks.length <= 50)
  assert.ok(Buffer.byteLength(JSON.stringify(blocks)) <= 12_000, 'the blocks together')
  assert.ok(!JSON.stringify(blocks).includes('"mrkdwn"'), 'no text object that Slack reads markup in')
  assert.ok(
    texts(blocks).every(leaf => leaf.trim() !== ''),
    'no empty text',
  )
}

/** The message as it is shown, without the marks of a quote; undefined when it is left out. */
export const shownSlackMessage = (body: unknown, level: Level): string | undefined => {
  const { text, blocks } = readSlack(body)
  if (level === 'minimal') return undefined
  if (level === 'rich') {
    const quotes = blocks
      .flatMap(block => (block.type === 'rich_text' ? block.elements : []))
      .filter(element => element.type === 'rich_text_quote')
    return quotes.flatMap(({ elements }) => elements.map(leaf => (leaf.type === 'text' ? leaf.text : '?'))).join('')
  }
  const lines = text.split('\n').filter(line => line.startsWith('> '))
  return lines
    .map(line => line.slice(2))
    .join('\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

const checkBlock = (block: KnownBlock): void => {
  switch (block.type) {
    case 'header':
      assert.equal(block.text.type, 'plain_text')
      assert.equal(block.text.emoji, false)
      assert.ok(block.text.text.length <= 150)
      return
    case 'section':
      assert.ok((block.fields?.length ?? 0) >= 1 && (block.fields?.length ?? 0) <= 10)
      for (const field of block.fields ?? []) {
        assert.ok(field.type === 'plain_text' && field.emoji === false)
        assert.ok(field.text.length <= 2_000)
      }
      return
    case 'rich_text':
      for (const leaf of block.elements.flatMap<{ type: string; text?: string; url?: string }>(part => part.elements)) {
        assert.ok(leaf.type === 'text' || leaf.type === 'link', `${leaf.type} could notify somebody`)
        assert.ok((leaf.text ?? '').length <= 3_000)
        if (leaf.type === 'link') assert.match(leaf.url ?? '', /^https:\/\/support\.example\.org\/console\/[0-9a-f-]+$/)
      }
      return
    default:
      assert.fail(`a ${block.type} block`)
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
