/** Services that call people out of bed. Numbers and codes are the vendors'. */
import { valueAt } from './answer-rules.ts'
import type { Row } from './row.ts'
import { ownServer, plain } from './row-parts.ts'
import { MINUTE, shaped, textSetting, under } from './settings.ts'

const NO_PATH = /^(?!https:\/\/events[.\w]*\.pagerduty\.com\/+v2\/)/
const pagerduty: Row = {
  kind: 'pagerduty',
  title: 'PagerDuty',
  documentation: 'https://developer.pagerduty.com/docs/events-api-v2-overview',
  settings: {
    routingKey: { title: 'Integration key (Events API v2)', type: 'secret' },
    url: shaped(ownServer, NO_PATH, 'Write the address without /v2/enqueue, which is added.'),
  },
  vendorHosts: /^events(?:\.eu)?\.pagerduty\.com$/,
  rate: { count: 120, perMs: MINUTE },
  form: plain(400_000),
  to: settings => ({ url: under(settings, '/v2/enqueue', 'https://events.pagerduty.com') }),
  // Everything about one ticket is one alert there; a repetition adds nothing.
  body: ({ text, title, id, event }, settings) => ({
    routing_key: textSetting(settings, 'routingKey'),
    event_action: 'trigger',
    dedup_key: event?.ticket.id ?? id,
    payload: { summary: title, source: 'support-relay', severity: 'warning', custom_details: { ticket: text } },
    ...(event?.ticketUrl && { links: [{ href: event.ticketUrl, text: 'Open the ticket' }] }),
  }),
  answers: {
    success: [202],
    confirmed: json => valueAt(json, '/status') === 'success',
    settings: { status: 400, at: '/errors', words: /^Invalid routing key|(?<=^.{0,20})\brouting_key\b/ },
    statuses: { 400: 'refused', 413: 'refused' },
  },
}

const jsmOps: Row = {
  kind: 'jsm-ops',
  title: 'Jira Service Management operations',
  documentation: 'https://support.atlassian.com/jira-service-management-cloud/docs/set-up-an-api-integration/',
  settings: { apiKey: { title: 'Key of the API integration', type: 'secret' }, url: ownServer },
  vendorHosts: /^api\.atlassian\.com$/,
  rate: { count: 60, perMs: MINUTE },
  form: plain(14_000),
  to: settings => ({
    url: under(settings, '/jsm/ops/integration/v2/alerts', 'https://api.atlassian.com'),
    headers: { authorization: `GenieKey ${textSetting(settings, 'apiKey')}` },
  }),
  // An alert under a name that is there already shows nothing new: so each event has its own, and only a repetition has the same.
  body: ({ text, title, id }) => ({ message: title, alias: id, description: text, source: 'support-relay' }),
  answers: {
    success: [202],
    confirmed: json => valueAt(json, '/requestId') !== undefined,
    settings: { status: 422, at: '/message', words: /^Key format is not valid/ },
    statuses: { 400: 'refused', 413: 'refused', 422: 'refused' },
  },
}

export const pagerRows: readonly Row[] = [pagerduty, jsmOps]
