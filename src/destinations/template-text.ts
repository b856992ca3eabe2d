/** Filling in a template: placeholders, filters, and what is wrong with a tree of them. */
import type { Json } from '../api/ticket.ts'
import { cutCounting } from '../domain/cut.ts'
import type { OutgoingEvent } from '../domain/destination.ts'
import { balanced, oneLine } from '../domain/text.ts'
import { jsonOf } from './answer-rules.ts'
import { describe } from './describe.ts'
import { escapeHtml, escapeMarkdown } from './dialects.ts'
import { escapeMrkdwn } from './slack-text.ts'

/** How user text is made harmless. Markdown where nothing is said: most services that take JSON read it. */
const FILTERS: Readonly<Record<string, (text: string) => string>> = {
  markdown: escapeMarkdown,
  slack: escapeMrkdwn,
  html: escapeHtml,
  plain: text => text,
}
const PLACEHOLDER = /\{\{\s*(\w+)\s*((?:\|\s*[\w:]+\s*)*)\}\}/g
const OURS: readonly string[] = ['reference', 'id', 'event', 'title', 'type', 'status', 'url', 'createdAt']
const THEIRS: readonly string[] = [
  ...['subject', 'message', 'author', 'username', 'name', 'email', 'role', 'organization'],
  ...['project', 'page', 'requestId', 'userAgent'],
]
export const NAMES = [...OURS, ...THEIRS]

export const valuesOf = (outgoing: OutgoingEvent): Readonly<Record<string, string>> => {
  const { event, ticket, ticketUrl } = outgoing
  const { title, subject, author, message } = describe(outgoing)
  const { user, technical, project, context } = ticket
  const clean = (value: unknown) => (typeof value === 'string' ? oneLine(value) : '')
  return {
    reference: ticket.reference,
    id: ticket.id,
    event: event.kind.toLowerCase(),
    title,
    type: ticket.type ?? '',
    status: event.status ?? ticket.status,
    url: ticketUrl ?? '',
    createdAt: new Date(ticket.createdAt).toISOString(),
    subject,
    message: message ?? '',
    author,
    username: clean(user.username),
    name: clean(user.name),
    email: clean(user.email),
    role: clean(user.role),
    organization: clean(user.organization),
    project: clean(project?.id),
    page: clean(context?.page),
    requestId: clean(technical.requestId),
    userAgent: clean(technical.userAgent),
  }
}

const filtersOf = (written: string): string[] =>
  written
    .split('|')
    .map(filter => filter.trim())
    .filter(filter => filter !== '')

/** The text of one leaf. A cut counts what will be shown, before it is escaped. */
export const filledIn = (leaf: string, values: Readonly<Record<string, string>>): string =>
  leaf.replace(PLACEHOLDER, (_, name: string, written: string) => {
    const filters = filtersOf(written)
    const max = filters.map(filter => /^max:(\d+)$/.exec(filter)?.[1]).find(digits => digits !== undefined)
    const value = values[name] ?? ''
    const shown = max === undefined ? value : balanced(cutCounting(value, Number(max)))
    const dress = filters.map(filter => FILTERS[filter]).find(known => known !== undefined)
    return (dress ?? (THEIRS.includes(name) ? escapeMarkdown : FILTERS.plain))?.(shown) ?? shown
  })

export const mapped = (tree: Json, change: (leaf: string) => string): Json => {
  if (typeof tree === 'string') return change(tree)
  if (typeof tree !== 'object' || tree === null) return tree
  if (Array.isArray(tree)) return tree.map(item => mapped(item, change))
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, mapped(value, change)]))
}

const leavesOf = (tree: Json): string[] => {
  const leaves: string[] = []
  mapped(tree, leaf => {
    leaves.push(leaf)
    return leaf
  })
  return leaves
}

/** What is wrong with the tree, in a sentence. */
export const bodyProblem = (text: string): string | undefined => {
  const found = leavesOf(jsonOf(text) ?? null).flatMap(leaf => [...leaf.matchAll(PLACEHOLDER)])
  const name = found.map(([, name = '']) => name).find(name => !NAMES.includes(name))
  if (name !== undefined) return `There is no {{${name}}}; there are ${NAMES.join(', ')}.`
  const filters = found.flatMap(([, , written = '']) => filtersOf(written))
  const filter = filters.find(filter => !(filter in FILTERS) && !/^max:[1-9]\d{0,6}$/.test(filter))
  if (filter !== undefined)
    return `There is no filter "${filter}"; there are ${Object.keys(FILTERS).join(', ')} and max:N.`
  return found.some(([, name]) => name === 'reference' || name === 'title')
    ? undefined
    : 'Nothing in it names the ticket: put {{reference}} or {{title}} into one of its texts.'
}
