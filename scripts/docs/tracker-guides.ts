/** What a person needs to know of each tracker and help desk to set it up. Facts of the vendors, as of November 2026. */
import type { Guide } from './guide.ts'

export const trackerGuides: Readonly<Record<string, Guide>> = {
  github: {
    settings: { repository: 'example/product', token: '${GITHUB_TOKEN}' },
    environment: { GITHUB_TOKEN: 'github_pat_notarealtoken' },
    steps: [
      'Under **Settings**, **Developer settings**, **Fine-grained tokens** make one for this repository with **Issues: Read and write**.',
    ],
    notes: [
      'The writer’s e-mail address, real name, user agent and project are left out, as issues may be read by others; `redact` says what else is. Whoever of the team answers is named.',
      'What follows a ticket is a comment of its issue. Before a creation whose outcome nobody knows is repeated, the newest issues are searched for the reference.',
    ],
  },
  gitlab: {
    settings: { project: 'group/product', token: '${GITLAB_TOKEN}', url: 'https://gitlab.example.org' },
    environment: { GITLAB_TOKEN: 'glpat-notarealtoken' },
    ownHost: 'gitlab.example.org',
    steps: [
      'In the project open **Settings**, **Access tokens**, and make one with the role *Reporter* and the scope `api`.',
    ],
    notes: [
      'Issues are made confidential. The writer’s e-mail address, real name, user agent and project are left out all the same; `redact` says what is. Whoever of the team answers is named.',
    ],
  },
  jira: {
    settings: {
      url: 'https://example.atlassian.net',
      email: 'bot@example.org',
      token: '${JIRA_TOKEN}',
      project: 'DESK',
      issueType: 'Task',
    },
    environment: { JIRA_TOKEN: 'notarealtoken' },
    steps: [
      'With the account of the bot open id.atlassian.com, **Security**, **API tokens**, and make one. The account needs *Create issues* and *Add comments* in the project.',
    ],
    notes: ['The type of issue must not ask for fields beyond summary and description.'],
  },
  zammad: {
    settings: { url: 'https://desk.example.org', token: '${ZAMMAD_TOKEN}', group: 'Users' },
    environment: { ZAMMAD_TOKEN: 'notarealtoken' },
    steps: ['With the account of an agent open **Profile**, **Token Access**, and make one with `ticket.agent`.'],
    notes: [
      'The customer is found, or made, by the writer’s e-mail address. A trigger of Zammad may answer them.',
      'What follows a ticket is an internal note: it might be mailed to the writer otherwise, who reads it in the product already.',
    ],
  },
  freshdesk: {
    settings: { url: 'https://example.freshdesk.com', apiKey: '${FRESHDESK_KEY}' },
    environment: { FRESHDESK_KEY: 'notarealkey' },
    steps: ['With the account of an agent open **Profile settings**, **View API key**.'],
    notes: [
      'Freshdesk counts refused requests, too; the default pace keeps below its smallest plan.',
      'What follows a ticket is a private note: it might be mailed to the writer otherwise, who reads it in the product already.',
    ],
  },
  zendesk: {
    settings: { url: 'https://example.zendesk.com', email: 'agent@example.org', token: '${ZENDESK_TOKEN}' },
    environment: { ZENDESK_TOKEN: 'notarealtoken' },
    steps: ['In the Admin Center open **Apps and integrations**, **APIs**, **Zendesk API**, allow tokens and add one.'],
    notes: [
      'A creation carries an idempotency key, so that its repetition makes no second ticket.',
      'What follows a ticket is an internal note: it might be mailed to the writer otherwise, who reads it in the product already.',
    ],
  },
  'request-tracker': {
    settings: { url: 'https://rt.example.org', token: '${RT_TOKEN}', queue: 'General' },
    environment: { RT_TOKEN: '1-14-notarealtoken' },
    steps: [
      'With the account of the bot open **Logged in as**, **Settings**, **Auth Tokens**, and make one. It needs *CreateTicket* and *CommentOnTicket* in the queue.',
    ],
    notes: [],
  },
  redmine: {
    settings: { url: 'https://redmine.example.org', apiKey: '${REDMINE_KEY}', project: 'desk' },
    environment: { REDMINE_KEY: 'notarealkey' },
    steps: [
      'Under **Administration**, **Settings**, **API** enable the REST web service; with the account of the bot open **My account** and show the API access key.',
    ],
    notes: [
      'What arrives stands in `<pre>` and behind four spaces: whether the text format is Textile, CommonMark, or the Markdown of older versions, nothing in it is read as markup.',
    ],
  },
}
