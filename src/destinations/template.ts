/** Any service that takes JSON: a tree from the configuration, whose texts hold placeholders. Each text is filled in by itself and the tree is
 *  written as JSON at the end, so that no user text can end a text or begin a key; what was put in is never read as a placeholder again. */
import type { DestinationKind, Notice, RequestStep, Settings } from '../domain/destination.ts'
import { type AnswerRules, outcomeBy, valueAt } from './answer-rules.ts'
import { textSetting, urlProblem } from './settings.ts'
import { bodyProblem, filledIn, mapped, NAMES, valuesOf } from './template-text.ts'

const ANY_2XX = Array.from({ length: 100 }, (_, i) => 200 + i)
const SUCCESS = /^(?<statuses>2\d\d(?:,2\d\d)*)?\s*(?:(?<pointer>(?:\/[\w-]+)+)(?:=(?<value>.+))?)?$/
const successProblem = (text: string): string | undefined =>
  SUCCESS.test(text) ? undefined : 'Write statuses, and what the answer must hold: `200,201`, `200 /ok=true` or `/id`.'

const rulesOf = (success: unknown): AnswerRules => {
  if (success === undefined) return { success: ANY_2XX }
  const { statuses, pointer, value } = SUCCESS.exec(typeof success === 'string' ? success : '')?.groups ?? {}
  return {
    success: statuses?.split(',').map(Number) ?? ANY_2XX,
    confirmed: json => {
      const found = pointer === undefined ? true : valueAt(json, pointer)
      return value === undefined ? found !== undefined : String(found) === value
    },
  }
}

const request = (settings: Settings, values: Readonly<Record<string, string>>): RequestStep => ({
  method: settings.method === 'PUT' ? 'PUT' : 'POST',
  url: textSetting(settings, 'url'),
  headers: {
    'content-type': 'application/json',
    ...JSON.parse(textSetting({ headers: '{}', ...settings }, 'headers')),
  },
  body: JSON.stringify(mapped(JSON.parse(textSetting(settings, 'body')), leaf => filledIn(leaf, values))),
  state: settings.success,
})

const noticeValues = ({ id, at, headline, text }: Notice) => ({
  ...Object.fromEntries(NAMES.map(name => [name, ''])),
  ...{
    reference: headline,
    id,
    event: 'notice',
    title: headline,
    subject: headline,
    message: text,
    author: 'Support Relay',
  },
  createdAt: new Date(at).toISOString(),
})

const template: DestinationKind = {
  kind: 'template',
  title: 'Template',
  settings: {
    url: { title: 'Address', type: 'url', isSecret: true, problem: urlProblem },
    body: { title: 'The JSON that is sent; texts may hold {{placeholders}}', type: 'tree', problem: bodyProblem },
    method: {
      title: 'POST (the default) or PUT',
      type: 'text',
      optional: true,
      problem: value => (/^(?:POST|PUT)$/.test(value) ? undefined : 'It is POST or PUT.'),
    },
    headers: { title: 'Headers, such as a key', type: 'headers', optional: true },
    success: {
      title: 'What an answer must be and hold to count: by default any 2xx',
      type: 'text',
      optional: true,
      problem: successProblem,
    },
  },
  rate: { count: 1, perMs: 1_000 },
  concurrency: 1,
  levels: ['rich'],
  start: (event, settings) => request(settings, valuesOf(event)),
  notice: (notice, settings) => request(settings, noticeValues(notice)),
  next: (step, answer, now) => outcomeBy('template', rulesOf(step.state), answer, now),
}

export default template
