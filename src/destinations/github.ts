/** GitHub issues. It answers a rate limit with 403, so the status alone does not tell. Numbers, codes and paths are the vendor's. */
import { ownServer } from './row-parts.ts'
import { bearer, MINUTE, path, textSetting, under } from './settings.ts'
import type { Tracker } from './tracker.ts'
import { fenced } from './tracker-parts.ts'

const GITHUB = 'https://api.github.com'
const issues = (settings: Parameters<Tracker['search']>[1]) => {
  const [owner = '', name = ''] = textSetting(settings, 'repository').split('/')
  return `/repos/${path(owner)}/${path(name)}/issues`
}

export const github: Tracker = {
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
    url: ownServer,
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
        ? { as: 'limited', reason: 'github-rate-limit' }
        : undefined,
    waits: [
      { at: 'x-ratelimit-reset', unit: 'epoch-s', where: ({ headers }) => headers['x-ratelimit-remaining'] === '0' },
    ],
  },
}
