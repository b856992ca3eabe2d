/** Help desks: a ticket becomes one of theirs, in the writer's name where it can be. Numbers, codes and paths are the vendors'. */

import { utf16Units } from '../domain/cut.ts'
import type { Setting } from '../domain/destination.ts'
import { oneLine } from '../domain/text.ts'
import { escapeHtml, plainLine, quotedBlock } from './dialects.ts'
import { basic, textSetting, under, urlProblem } from './settings.ts'
import type { TextForm } from './text-message.ts'
import type { Entry, Tracker } from './tracker.ts'

const MINUTE = 60_000
const site: Setting = { title: 'Address of the help desk', type: 'url', problem: urlProblem }
const plain = (max: number): TextForm => ({ max, measure: utf16Units, line: plainLine, block: quotedBlock })
/** Whole messages fit. */
const WHOLE = plain(1_000_000)
const path = (text: string) => encodeURIComponent(text)

/** The writer's address, if it is one that a help desk will take. */
const emailOf = ({ event }: Entry): string | undefined => {
  const email = event?.ticket.user.email ?? ''
  return /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(email) ? email : undefined
}
const nameOf = ({ event }: Entry): string => {
  const { name, username } = event?.ticket.user ?? { name: null, username: 'Support Relay' }
  return (
    oneLine(name ?? username)
      .slice(0, 80)
      .toWellFormed() || 'Support Relay'
  )
}
const html = (text: string) => `<pre>${escapeHtml(text)}</pre>`
const PAYLOAD = { 400: 'refused', 413: 'refused', 422: 'refused' } as const

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
        article: { subject: entry.title, body: entry.text, type: 'note', content_type: 'text/plain', internal: false },
      },
    }
  },
  comment: ({ title, text }, ref, settings) => ({
    url: under(settings, '/api/v1/ticket_articles'),
    body: {
      ticket_id: Number(ref),
      subject: title,
      body: text,
      type: 'note',
      content_type: 'text/plain',
      internal: false,
    },
  }),
  search: ({ ticket }, settings) =>
    under(settings, `/api/v1/tickets/search?expand=true&limit=10&query=${path(`title:"${ticket.reference}"`)}`),
  found: { list: '', title: '/title', ref: '/id' },
  answers: { success: [201], ref: '/id', statuses: PAYLOAD },
}

const freshdesk: Tracker = {
  kind: 'freshdesk',
  title: 'Freshdesk',
  documentation: 'https://developers.freshdesk.com/api/#create_ticket',
  settings: { url: site, apiKey: { title: 'API key', type: 'secret' } },
  rate: { count: 80, perMs: MINUTE },
  form: plain(60_000),
  titleMax: 250,
  headers: settings => basic(textSetting(settings, 'apiKey'), 'X'),
  create: (entry, settings) => ({
    url: under(settings, '/api/v2/tickets'),
    body: {
      ...(emailOf(entry)
        ? { email: emailOf(entry) ?? '' }
        : { unique_external_id: oneLine(entry.event?.ticket.user.username ?? 'support-relay') }),
      name: nameOf(entry),
      subject: entry.title,
      description: html(entry.text),
      priority: 1,
      status: 2,
      source: 2,
    },
  }),
  comment: ({ text }, ref, settings) => ({
    url: under(settings, `/api/v2/tickets/${path(ref)}/notes`),
    body: { body: html(text), private: false },
  }),
  search: (_event, settings) => under(settings, '/api/v2/tickets?order_by=created_at&order_type=desc&per_page=100'),
  found: { list: '', title: '/subject', ref: '/id' },
  answers: { success: [201], ref: '/id', statuses: { ...PAYLOAD, 409: 'refused', 415: 'refused' } },
}

const zendesk: Tracker = {
  kind: 'zendesk',
  title: 'Zendesk',
  documentation: 'https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#create-ticket',
  settings: {
    url: site,
    email: { title: 'E-mail address of the agent', type: 'text' },
    token: { title: 'API token', type: 'secret' },
  },
  rate: { count: 100, perMs: MINUTE },
  form: plain(60_000),
  titleMax: 150,
  headers: settings => basic(`${textSetting(settings, 'email')}/token`, textSetting(settings, 'token')),
  create: (entry, settings) => {
    const email = emailOf(entry)
    return {
      url: under(settings, '/api/v2/tickets.json'),
      body: {
        ticket: {
          subject: entry.title,
          comment: { body: entry.text },
          ...(email && { requester: { name: nameOf(entry), email } }),
          ...(entry.event && { external_id: entry.event.ticket.id }),
        },
      },
      ...(entry.event && { headers: { 'idempotency-key': entry.event.deliveryId } }),
    }
  },
  comment: ({ text }, ref, settings) => ({
    method: 'PUT',
    url: under(settings, `/api/v2/tickets/${path(ref)}.json`),
    body: { ticket: { comment: { body: text, public: true } } },
  }),
  search: ({ ticket }, settings) => under(settings, `/api/v2/tickets.json?external_id=${path(ticket.id)}`),
  found: { list: '/tickets', title: '/subject', ref: '/id' },
  answers: { success: [200, 201], ref: '/ticket/id', statuses: PAYLOAD },
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
  answers: { success: [200, 201], ref: '/id', statuses: PAYLOAD },
}

/** Textile and Markdown alike leave alone what stands in <pre>, until it ends. */
const pre = (text: string) => `<pre>\n${text}\n</pre>`
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
  answers: { success: [200, 201, 204], ref: '/issue/id', statuses: PAYLOAD },
}

export const helpDesks: readonly Tracker[] = [zammad, freshdesk, zendesk, requestTracker, redmine]
