/** Issue trackers: where developers work. Numbers, codes and paths are the vendors'. */
import { shortFence, unlinked } from './dialects.ts'
import { github } from './github.ts'
import { jira } from './jira.ts'
import { ownServer } from './row-parts.ts'
import { MINUTE, path, shaped, textSetting, under } from './settings.ts'
import type { Tracker } from './tracker.ts'
import { fenced } from './tracker-parts.ts'

const GITLAB = 'https://gitlab.com'
const PROJECT = 'Project: its path (group/name) or number'
const project = (settings: Parameters<Tracker['search']>[1]) =>
  `/api/v4/projects/${path(textSetting(settings, 'project'))}/issues`

const gitlab: Tracker = {
  kind: 'gitlab',
  title: 'GitLab issue',
  documentation: 'https://docs.gitlab.com/api/issues/#create-an-issue',
  settings: {
    project: shaped({ title: PROJECT, type: 'text' }, /^(?!https?:)/, `Write this: ${PROJECT}.`),
    token: { title: 'Access token with the scope api', type: 'secret' },
    url: ownServer,
  },
  vendorHosts: /^gitlab\.com$/,
  isPublic: true,
  rate: { count: 300, perMs: MINUTE },
  // Who looks for commands (`/close`) knows no longer fence: https://docs.gitlab.com/user/project/quick_actions/
  form: fenced(1_000_000, shortFence),
  titleMax: 250,
  // Titles mention, too: https://gitlab.com/gitlab-org/gitlab/-/issues/255108
  inTitle: unlinked,
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
  answers: {
    success: [201],
    ref: '/iid',
    statuses: { 400: 'refused', 413: 'refused', 422: 'refused' },
    // It stands in every answer.
    waits: [{ at: 'ratelimit-reset', unit: 'epoch-s', where: ({ status }) => status === 429 }],
  },
}

export const trackers: readonly Tracker[] = [github, gitlab, jira]
