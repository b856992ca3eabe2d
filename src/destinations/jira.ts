/** Jira: an issue, its description in Atlassian's document format. */
import type { Json } from '../api/ticket.ts'
import { utf16Units } from '../domain/cut.ts'
import type { Setting } from '../domain/destination.ts'
import { valueAt } from './answer-rules.ts'
import { plainLine } from './dialects.ts'
import { basic, MINUTE, path, shaped, textSetting, under, urlProblem } from './settings.ts'
import type { Tracker } from './tracker.ts'

/** Atlassian's document format: a text node is text. The message stands in a block of code of its own. */
const BLOCK = '\ue000'
const documentOf = (text: string): Json => {
  const [head = '', message] = text.split(`\n${BLOCK}`)
  const textNode = (words: string) => ({ type: 'text', text: words })
  const paragraph = head
    .split('\n')
    .flatMap((line, i) => [...(i > 0 ? [{ type: 'hardBreak' }] : []), ...(line === '' ? [] : [textNode(line)])])
  const code = message ? [{ type: 'codeBlock', content: [textNode(message)] }] : []
  return { type: 'doc', version: 1, content: [{ type: 'paragraph', content: paragraph }, ...code] }
}

const SITE: Setting = { title: 'Address of the site', type: 'url', problem: urlProblem }
const NO_PAGE = /^(?!https:\/\/[^/]+\.atlassian\.net\/(?:browse|jira|secure|projects)\/)/

export const jira: Tracker = {
  kind: 'jira',
  title: 'Jira issue',
  documentation:
    'https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post',
  settings: {
    url: shaped(SITE, NO_PAGE, 'This is a page of the site: write https://NAME.atlassian.net alone.'),
    email: { title: 'E-mail address of the account', type: 'text' },
    token: { title: 'API token of the account', type: 'secret' },
    project: { title: 'Key of the project', type: 'text' },
    issueType: { title: 'Type of the issues; Task by default', type: 'text', optional: true },
  },
  rate: { count: 60, perMs: MINUTE },
  // 32,767 characters, and whatever the nodes around them count.
  form: {
    max: 30_000,
    measure: utf16Units,
    line: { ...plainLine, inner: text => text.replaceAll(BLOCK, '') },
    block: () => ({ open: BLOCK, inner: text => text.replaceAll(BLOCK, ''), close: '' }),
  },
  titleMax: 250,
  headers: settings => basic(textSetting(settings, 'email'), textSetting(settings, 'token')),
  create: ({ title, text }, settings) => ({
    url: under(settings, '/rest/api/3/issue'),
    body: {
      fields: {
        project: { key: textSetting(settings, 'project') },
        issuetype: { name: textSetting({ issueType: 'Task', ...settings }, 'issueType') },
        summary: title,
        description: documentOf(text),
      },
    },
  }),
  comment: ({ text }, ref, settings) => ({
    url: under(settings, `/rest/api/3/issue/${path(ref)}/comment`),
    body: { body: documentOf(text) },
  }),
  search: ({ ticket }, settings) => {
    const jql = `project = "${textSetting(settings, 'project').replaceAll('"', '')}" AND summary ~ "\\"${ticket.reference}\\""`
    return under(settings, `/rest/api/3/search/jql?fields=summary&jql=${path(jql)}`)
  },
  found: { list: '/issues', title: '/fields/summary', ref: '/key' },
  answers: {
    success: [201],
    ref: '/key',
    statuses: { 400: 'refused', 413: 'refused' },
    // The project or its types are the operator's, not the text's.
    judge({ status }, json) {
      const named = status === 400 ? Object.keys(Object(valueAt(json, '/errors'))) : []
      const field = named.find(name => name !== 'summary' && name !== 'description')
      if (field === undefined) return undefined
      return {
        as: 'unavailable',
        reason: /^(?:project|issuetype)$/.test(field) ? 'jira-project-or-type' : 'jira-field',
      }
    },
  },
}
