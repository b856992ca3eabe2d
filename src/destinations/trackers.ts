/** Issue trackers: where developers work. Numbers, codes and paths are the vendors'. */
import { utf16Units } from '../domain/cut.ts'
import { codeLine, fencedBlock } from './dialects.ts'
import { jira } from './jira.ts'
import { bearer, textSetting, under, urlProblem } from './settings.ts'
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

export const trackers: readonly Tracker[] = [github, gitlab, jira]
