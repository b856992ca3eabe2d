import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cardOf, checkCard, linesOf } from '../../test/contracts/adaptive-card.ts'
import { commonAnswers, DELIVERED, refused, retry, unavailable, unclear } from '../../test/contracts/chat-answers.ts'
import { destinationContract } from '../../test/contracts/destination.ts'
import { AT, bareEvent, commentedEvent, createdEvent } from '../../test/contracts/outgoing.ts'
import type { Level, OutgoingEvent } from '../domain/destination.ts'
import teams from './teams.ts'

const flow = 'https://prod-42.westeurope.logic.azure.com:443/workflows/0a1b2c3d/triggers/manual/paths/invoke'
const settings = {
  url: `${flow}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=notArealSignature_atAll`,
}
const error = (code: string) => JSON.stringify({ error: { code, message: 'in words' } })
const body = (event: OutgoingEvent, level: Level = 'rich') =>
  JSON.parse(teams.start(event, settings, { level, at: AT }).body)

const failed = (status: number) =>
  `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId tcid=0.`

destinationContract(teams, settings, {
  check: checkCard,
  shownMessage: (shown, level) => {
    const text = linesOf(shown).at(-1) ?? ''
    if (level === 'rich') return text
    const quoted = text.split('\n').filter(line => line.startsWith('> '))
    return level === 'minimal' ? undefined : quoted.map(line => line.slice(2)).join('\n')
  },
  answers: [
    ...commonAnswers,
    [{ status: 202 }, DELIVERED],
    [{ status: 200 }, DELIVERED],
    [{ status: 200, body: '{"posted":true}' }, DELIVERED],
    [{ status: 200, body: '<!DOCTYPE html><title>Sign in</title>' }, unclear(200)],
    [{ status: 202, body: '\n<html>' }, unclear(202)],
    [{ status: 200, body: error('SomethingNew') }, unclear(200)],
    [{ status: 200, body: error('MessageSizeExceeded') }, refused('teams-messagesizeexceeded')],
    [{ status: 200, body: failed(429) }, retry('teams-own-429', 4_000)],
    [{ status: 200, body: failed(413) }, refused('teams-own-413')],
    [{ status: 200, body: failed(400) }, unclear(200)],
    [{ status: 200, body: `the flow says: ${failed(429)}` }, DELIVERED],
    [{ status: 204 }, unclear(204)],
    [{ status: 201 }, unclear(201)],
    [{ status: 400, body: error('TriggerInputSchemaMismatch') }, refused('teams-triggerinputschemamismatch')],
    [{ status: 400, body: error('InvalidRequestContent') }, refused('teams-invalidrequestcontent')],
    [{ status: 400, body: error('SomethingNew') }, retry('http-400')],
    [
      { status: 401, body: error('DirectApiAuthorizationRequired') },
      unavailable('teams-directapiauthorizationrequired'),
    ],
    [{ status: 401, body: error('AuthorizationFailed') }, unavailable('teams-authorizationfailed')],
    [{ status: 403 }, unavailable('http-403')],
    [{ status: 404, body: error('WorkflowNotFound') }, unavailable('teams-workflownotfound')],
    [{ status: 400, body: error('WorkflowTriggerIsNotEnabled') }, unavailable('teams-workflowtriggerisnotenabled')],
    [{ status: 413 }, refused('http-413')],
    [{ status: 429, body: error('TooManyRequests') }, retry('http-429', 4_000)],
    [{ status: 429, headers: { 'retry-after': '11' } }, retry('http-429', 11_000)],
    [{ status: 429, headers: { 'retry-after': '-3' } }, retry('http-429', 4_000)],
    [{ status: 502, body: error('NoResponse') }, retry('http-502')],
    [{ status: 308 }, unavailable('redirect')],
  ],
})

test('a card names type, reference and subject, then every field, then the message in a box of its own', () => {
  const shown = body(createdEvent())
  assert.deepEqual(linesOf(shown), [
    'Bug SUP-7K3F-Q2MX: My subject',
    'Username: Ada#1234',
    'Security role: USER',
    'Real name: Ada Lovelace',
    'E-mail: ada@sdu.dk',
    'Request ID: request-1',
    'User agent: Mozilla/5.0 (X11; Linux x86_64)',
    'Type: Bug',
    'Project: 3f2b',
    'Page: /app/jobs',
    'The job stops after one minute.\nSince yesterday.',
  ])
  assert.equal(cardOf(shown).body.at(-1)?.type, 'Container')
  assert.ok(!('actions' in cardOf(body(bareEvent()))), 'no button that leads nowhere')
})

test('plain is one text in a card, as the flow posts nothing else', () => {
  assert.deepEqual(linesOf(body(commentedEvent(), 'plain')), [
    `Comment on SUP-7K3F-Q2MX: My subject\nBy: Grace Hopper (grace), staff\nStatus: Closed\nLink: ${createdEvent().ticketUrl}\n> It works again.`,
  ])
})

test('no date is made of what somebody wrote', () => {
  const text = 'at {{DATE(2017-02-14T06:08:39Z, SHORT)}} {{x}} {'
  const lines = linesOf(body(createdEvent({ ticket: { subject: text, message: text } })))
  assert.equal(lines.at(-1), 'at {\u200b{DATE(2017-02-14T06:08:39Z, SHORT)}} {{x}} {\u200b')
})

test('the address keeps its query byte for byte, since it is signed', () => {
  const step = teams.start(createdEvent(), settings, { level: 'rich', at: AT })
  assert.equal(step.url, settings.url)
  assert.equal(step.headers['content-type'], 'application/json; charset=utf-8')
})

test('an address that is no flow is refused with what to do', () => {
  const problem = teams.settings.url?.problem ?? (() => undefined)
  const current =
    'https://default1a2b.3c.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0a1b/triggers/manual/paths/invoke?api-version=1&sp=x&sv=1.0&sig=y'
  assert.equal(problem(settings.url), undefined)
  assert.equal(problem(current), undefined)
  assert.equal(problem('https://teams-relay.example.org/x'), undefined)
  for (const retired of [
    'https://sdu.webhook.office.com/webhookb2/1@2/IncomingWebhook/3/4',
    'https://outlook.office.com/webhook/1@2/IncomingWebhook/3/4',
    'https://outlook.office365.com/webhook/1',
  ]) {
    assert.match(problem(retired) ?? '', /retired.*Workflows/)
  }
  assert.match(problem(flow) ?? '', /sig=/)
  assert.match(problem(settings.url.replace('https', 'http')) ?? '', /https/)
  assert.ok(problem('nonsense'))
})
