/** Help desks that people run themselves: a ticket becomes one of theirs, in the writer's name where it can be. */
import { emailOf, NO_GROUP, NO_PROJECT, NO_QUEUE, PAYLOAD, site, WHOLE } from './desk-parts.ts'
import { plainLine } from './dialects.ts'
import { path, textSetting, under } from './settings.ts'
import type { Tracker } from './tracker.ts'

const NOTE = { type: 'note', content_type: 'text/plain' } as const
const zammad: Tracker = {
  kind: 'zammad',
  title: 'Zammad',
  documentation: 'https://docs.zammad.org/en/latest/api/ticket/index.html',
  settings: {
    url: site,
    token: { title: 'Access token of an agent', type: 'secret' },
    group: { title: 'Group', type: 'text' },
  },
  rate: null,
  form: WHOLE,
  titleMax: 250,
  headers: settings => ({ authorization: `Token token=${textSetting(settings, 'token')}` }),
  create: (entry, settings) => {
    const email = emailOf(entry)
    return {
      url: under(settings, '/api/v1/tickets'),
      body: {
        title: entry.title,
        group: textSetting(settings, 'group'),
        ...(email && { customer_id: `guess:${email}` }),
        article: { subject: entry.title, body: entry.text, ...NOTE, internal: false },
      },
    }
  },
  comment: ({ title, text }, ref, settings) => ({
    url: under(settings, '/api/v1/ticket_articles'),
    // A public one might be mailed to the writer, who reads it in the product.
    body: { ticket_id: Number(ref), subject: title, body: text, ...NOTE, internal: true },
  }),
  search: ({ ticket }, settings) =>
    under(settings, `/api/v1/tickets/search?expand=true&limit=10&query=${path(`title:"${ticket.reference}"`)}`),
  found: { list: '', title: '/title', ref: '/id' },
  answers: { success: [201], ref: '/id', settings: NO_GROUP, statuses: PAYLOAD },
}

const requestTracker: Tracker = {
  kind: 'request-tracker',
  title: 'Request Tracker',
  documentation: 'https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html',
  settings: {
    url: site,
    token: { title: 'Authentication token', type: 'secret' },
    queue: { title: 'Queue', type: 'text' },
  },
  rate: null,
  form: WHOLE,
  titleMax: 200,
  headers: settings => ({ authorization: `token ${textSetting(settings, 'token')}` }),
  create: (entry, settings) => {
    const email = emailOf(entry)
    return {
      url: under(settings, '/REST/2.0/ticket'),
      body: {
        Queue: textSetting(settings, 'queue'),
        Subject: entry.title,
        ...(email && { Requestor: email }),
        Content: entry.text,
        ContentType: 'text/plain',
      },
    }
  },
  comment: ({ text }, ref, settings) => ({
    url: under(settings, `/REST/2.0/ticket/${path(ref)}/comment`),
    body: { Content: text, ContentType: 'text/plain' },
  }),
  search: ({ ticket }, settings) =>
    under(settings, `/REST/2.0/tickets?fields=Subject&query=${path(`Subject LIKE '${ticket.reference}'`)}`),
  found: { list: '/items', title: '/Subject', ref: '/id' },
  answers: { success: [200, 201], ref: '/id', settings: NO_QUEUE, statuses: PAYLOAD },
}

/** Textile and CommonMark leave alone what stands in <pre>, until it ends. Older Markdown (Redcarpet) drops the sign and reads what is in it: four
 *  spaces before each line make that code. */
const MARGIN = '\n    '
const pre = (text: string) => `<pre>\n${MARGIN}${text.replaceAll('\n', MARGIN)}\n\n</pre>`
const inPre = (text: string) => text.replaceAll('<', '<\u200b')

const redmine: Tracker = {
  kind: 'redmine',
  title: 'Redmine',
  documentation: 'https://www.redmine.org/projects/redmine/wiki/Rest_Issues#Creating-an-issue',
  settings: {
    url: site,
    apiKey: { title: 'API access key', type: 'secret' },
    project: { title: 'Identifier of the project', type: 'text' },
  },
  rate: null,
  form: {
    ...WHOLE,
    measure: part => part.replaceAll('\n', MARGIN).length,
    line: { ...plainLine, inner: inPre },
    block: () => ({ open: '> ', inner: text => inPre(text).replaceAll('\n', '\n> '), close: '' }),
  },
  titleMax: 250,
  headers: settings => ({ 'x-redmine-api-key': textSetting(settings, 'apiKey') }),
  create: ({ title, text }, settings) => ({
    url: under(settings, '/issues.json'),
    body: { issue: { project_id: textSetting(settings, 'project'), subject: title, description: pre(text) } },
  }),
  comment: ({ text }, ref, settings) => ({
    method: 'PUT',
    url: under(settings, `/issues/${path(ref)}.json`),
    body: { issue: { notes: pre(text) } },
  }),
  search: ({ ticket }, settings) =>
    under(
      settings,
      `/issues.json?status_id=*&project_id=${path(textSetting(settings, 'project'))}&subject=${path(`~${ticket.reference}`)}`,
    ),
  found: { list: '/issues', title: '/subject', ref: '/id' },
  answers: { success: [200, 201, 204], ref: '/issue/id', settings: NO_PROJECT, statuses: PAYLOAD },
}

export const ownDesks: readonly Tracker[] = [zammad, requestTracker, redmine]
