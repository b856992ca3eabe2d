/** Reading a text as a service that knows Markdown does, by somebody else's parser: what in it is alive. */
import assert from 'node:assert/strict'
import MarkdownIt from 'markdown-it'

const parser = new MarkdownIt({ html: true, linkify: false, breaks: true })

/** Everything in a message that would notify somebody, if it stood outside of code. */
const MENTION = /@(?!\u200b)[\w*_&!]|<(?!\u200b)[@#!&:/\w]/

type Token = ReturnType<typeof parser.parse>[number]

/** Throws when anything but our own link to the ticket is a link, and when an image, HTML or a mention is outside of code.
 *  @param own headings, tables, rules and lists that are ours: none, unless said otherwise */
export const checkMarkdown = (text: string, own: readonly string[] = []): void => {
  const tokens = parser.parse(text, {}).flatMap(token => [token, ...(token.children ?? [])])
  for (const token of tokens) {
    const isOurs = own.includes(token.type)
    assert.ok(isOurs || !DANGEROUS.has(token.type), `${token.type} in ${JSON.stringify(text.slice(0, 400))}`)
    if (token.type === 'link_open')
      assert.match(hrefOf(token), /^https:\/\/support\.example\.org\/console\/[0-9a-f-]+$/)
    if (token.type === 'text') assert.doesNotMatch(token.content, MENTION, JSON.stringify(text.slice(0, 400)))
  }
}

const hrefOf = (token: Token): string => String(token.attrGet('href'))

const DANGEROUS = new Set([
  'image',
  'html_block',
  'html_inline',
  'heading_open',
  'table_open',
  'hr',
  'bullet_list_open',
  'ordered_list_open',
])

/** The message of a text in which it is the only fenced code, and the last thing. */
export const fencedMessage = (text: string): string =>
  /\n(`{3,})\n(?<message>.*)\n\1$/s.exec(text)?.groups?.message ?? assert.fail('there is no fenced message at the end')
