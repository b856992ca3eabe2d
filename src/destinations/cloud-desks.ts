/** Help desks that vendors run: a ticket becomes one of theirs, in the writer's name where it can be.
 *  What follows is a note for the team: a public one might be mailed to the writer, who reads it in the product. Numbers, codes and paths are the vendors'. */
import { emailOf, NO_FIELD, nameOf, PAYLOAD, plainText, site, writerId } from './desk-parts.ts'
import { escapeHtml } from './dialects.ts'
import { basic, MINUTE, path, textSetting, under } from './settings.ts'
import type { TextForm } from './text-message.ts'
import type { Tracker } from './tracker.ts'

/** No tag, no Markdown, no placeholder of theirs; measured as it is sent. */
const inner = (text: string) => escapeHtml(text).replaceAll('{{', '{\u200b{')
const html = (text: string) => `<pre>${inner(text)}</pre>`
const FORM: TextForm = { ...plainText(60_000), measure: text => inner(text).length }

const freshdesk: Tracker = {
  kind: 'freshdesk',
  title: 'Freshdesk',
  documentation: 'https://developers.freshdesk.com/api/#create_ticket',
  settings: { url: site, apiKey: { title: 'API key', type: 'secret' } },
  vendorHosts: /\.freshdesk\.com$/,
  rate: { count: 80, perMs: MINUTE },
  form: FORM,
  titleMax: 250,
  headers: settings => basic(textSetting(settings, 'apiKey'), 'X'),
  create: (entry, settings) => ({
    url: under(settings, '/api/v2/tickets'),
    body: {
      ...(emailOf(entry) ? { email: emailOf(entry) ?? '' } : { unique_external_id: writerId(entry) }),
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
    body: { body: html(text), private: true },
  }),
  search: (_event, settings) => under(settings, '/api/v2/tickets?order_by=created_at&order_type=desc&per_page=100'),
  found: { list: '', title: '/subject', ref: '/id' },
  answers: { success: [201], ref: '/id', settings: NO_FIELD, statuses: { ...PAYLOAD, 409: 'refused', 415: 'refused' } },
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
  vendorHosts: /\.zendesk\.com$/,
  rate: { count: 100, perMs: MINUTE },
  form: FORM,
  titleMax: 150,
  headers: settings => basic(`${textSetting(settings, 'email')}/token`, textSetting(settings, 'token')),
  create: (entry, settings) => {
    const email = emailOf(entry)
    return {
      url: under(settings, '/api/v2/tickets.json'),
      body: {
        ticket: {
          subject: entry.title,
          comment: { html_body: html(entry.text) },
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
    body: { ticket: { comment: { html_body: html(text), public: false } } },
  }),
  search: ({ ticket }, settings) => under(settings, `/api/v2/tickets.json?external_id=${path(ticket.id)}`),
  found: { list: '/tickets', id: '/external_id', ref: '/id' },
  answers: { success: [200, 201], ref: '/ticket/id', statuses: PAYLOAD },
}

export const cloudDesks: readonly Tracker[] = [freshdesk, zendesk]
