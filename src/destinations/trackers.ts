/** Issue trackers: where developers work. Numbers, codes and paths are the vendors'. */
import type { Json } from '../api/ticket.ts'
import { utf16Units } from '../domain/cut.ts'
import { valueAt } from './answer-rules.ts'
import { codeLine, fencedBlock, plainLine } from './dialects.ts'
import { basic, bearer, textSetting, under, urlProblem } from './settings.ts'
import type { TextForm } from './text-message.ts'
import type { Tracker } from './tracker.ts'

const MINUTE = 60_000
/** In code no name, number or line that begins with a slash means anything. */
const fenced = (max: number): TextForm => ({
  max,
  measure: utf16Units,
  line: codeLine,
  block: fencedBlock,
  strong: ours => `**${ours}**`,
  link: url => `[Open the ticket](${url})`,
})
const ownUrl = { title: 'Address of a server of your own', type: 'url', optional: true, problem: urlProblem } as const
const path = (text: string) => encodeURIComponent(text)

const GITHUB = 'https://api.github.com'
const issues = (settings: Parameters<Tracker['search']>[1]) => {
  const [owner = '', name = ''] = textSetting(settings, 'repository').split('/')
  return `/repos/${path(owner)}/${path(name)}/issues`
}

const github: Tracker = {
  kind: 'github',
  title: 'GitHub issue',
  documentation: 'https://docs.github.com/en/rest/issues/issues#create-an-issue',
  settings: {
    repository: {
      title: 'Repository, as owner/name',
      type: 'text',
      problem: value => (/^[\w.-]+\/[\w.-]+$/.test(value) ? undefined : 'A repository is written owner/name.'),
    },
    token: { title: 'Token that may write issues', type: 'secret' },
    url: ownUrl,
  },
  vendorHosts: /^api\.github\.com$/,
  isPublic: true,
  // 80 a minute and 500 an hour may be made.
  rate: { count: 500, perMs: 60 * MINUTE },
  form: fenced(60_000),
  titleMax: 250,
  headers: ({ token }) => ({
    ...bearer(token),
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
  }),
  create: ({ title, text }, settings) => ({
    url: under(settings, issues(settings), GITHUB),
    body: { title, body: text },
  }),
  comment: ({ text }, ref, settings) => ({
    url: under(settings, `${issues(settings)}/${path(ref)}/comments`, GITHUB),
    body: { body: text },
  }),
  // Its search is behind by minutes; the list is not.
  search: (_event, settings) =>
    under(settings, `${issues(settings)}?state=all&sort=created&direction=desc&per_page=100`, GITHUB),
  found: { list: '', title: '/title', ref: '/number' },
  answers: {
    success: [201],
    ref: '/number',
    statuses: { 400: 'refused', 413: 'refused', 422: 'refused' },
    judge: ({ status, headers, body }) =>
      status === 403 &&
      (headers['x-ratelimit-remaining'] === '0' || 'retry-after' in headers || /rate limit/i.test(body))
        ? { as: 'retry', reason: 'github-rate-limit' }
        : undefined,
    waits: [
      { at: 'x-ratelimit-reset', unit: 'epoch-s', where: ({ headers }) => headers['x-ratelimit-remaining'] === '0' },
    ],
  },
}

const GITLAB = 'https://gitlab.com'
const project = (settings: Parameters<Tracker['search']>[1]) =>
  `/api/v4/projects/${path(textSetting(settings, 'project'))}/issues`

const gitlab: Tracker = {
  kind: 'gitlab',
  title: 'GitLab issue',
  documentation: 'https://docs.gitlab.com/api/issues/#create-an-issue',
  settings: {
    project: { title: 'Project: its path (group/name) or number', type: 'text' },
    token: { title: 'Access token with the scope api', type: 'secret' },
    url: ownUrl,
  },
  vendorHosts: /^gitlab\.com$/,
  isPublic: true,
  rate: { count: 300, perMs: MINUTE },
  form: fenced(1_000_000),
  titleMax: 250,
  headers: settings => ({ 'private-token': textSetting(settings, 'token') }),
  create: ({ title, text }, settings) => ({
    url: under(settings, project(settings), GITLAB),
    body: { title, description: text, confidential: true },
  }),
  comment: ({ text }, ref, settings) => ({
    url: under(settings, `${project(settings)}/${path(ref)}/notes`, GITLAB),
    body: { body: text },
  }),
  search: ({ ticket }, settings) =>
    under(settings, `${project(settings)}?in=title&scope=all&search=${path(ticket.reference)}`, GITLAB),
  found: { list: '', title: '/title', ref: '/iid' },
  answers: { success: [201], ref: '/iid', statuses: { 400: 'refused', 413: 'refused', 422: 'refused' } },
}

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

const jira: Tracker = {
  kind: 'jira',
  title: 'Jira issue',
  documentation:
    'https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post',
  settings: {
    url: { title: 'Address of the site', type: 'url', problem: urlProblem },
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
    judge: ({ status }, json) =>
      status === 400 && ['project', 'issuetype'].some(field => valueAt(json, `/errors/${field}`) !== undefined)
        ? { as: 'unavailable', reason: 'jira-project-or-type' }
        : undefined,
  },
}

export const trackers: readonly Tracker[] = [github, gitlab, jira]
