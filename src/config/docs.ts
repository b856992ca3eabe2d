/** The pages of docs/ that say what can be configured, made from the schema. `node scripts/docs.js` writes them. */
import type { DestinationKind, Setting } from '../domain/destination.ts'
import { authKeys } from './auth.ts'
import { claimKeys } from './claims.ts'
import { conditionKeys } from './conditions.ts'
import { destinationKeys } from './destinations.ts'
import type { Key, Keys } from './keys.ts'
import { networkKeys, noFiles } from './network.ts'
import { formatRate } from './pace.ts'
import { routeKeys } from './routes.ts'
import { alertKeys, limitKeys, metricsKeys, retentionKeys, rootKeys, serverKeys } from './schema.ts'

const GENERATED =
  '<!-- Made from the code by `node scripts/docs.js`; changes belong into src/config/ and src/destinations/. -->'

/** docs/configuration.md. */
export const configurationPage = (): string => {
  // Which kinds there are is the other page's matter; no key's description hangs on it but the list of their names.
  const root = rootKeys([], undefined)
  return page([
    '# Configuration',
    GENERATED,
    introduction,
    ...table('The whole file', '', root),
    ...table('server', 'server.', serverKeys),
    ...table('auth', 'auth.', authKeys),
    ...table('Claims', 'auth.claims.', claimKeys),
    'A name may be a path (`realm_access.roles`); a claim of exactly that name wins.',
    ...table('destinations', 'destinations.NAME.', describedKind(destinationKeys([]))),
    'A name has 1 to 63 small letters, digits and hyphens, and does not begin with a hyphen. Each kind brings settings of its own: see [destinations.md](destinations.md).',
    ...table('routes', 'routes[].', routeKeys(undefined)),
    ...table('Conditions of a route', 'when.', conditionKeys),
    'Every condition takes one value or a list of which any one is enough. `support-relay routes explain` shows what the rules do with a ticket.',
    ...table('alerts', 'alerts.', alertKeys(undefined)),
    ...table('limits', 'limits.', limitKeys),
    ...table('network', 'network.', networkKeys(noFiles)),
    ...table('metrics', 'metrics.', metricsKeys),
    ...table('retention', 'retention.', retentionKeys),
    'A month counts 30 days, a year 365.',
    evaluation,
  ])
}

/** docs/destinations.md. */
export const destinationsPage = (kinds: readonly DestinationKind[]): string => {
  const shown = kinds.filter(kind => !kind.evaluationOnly)
  return page([
    '# Destinations',
    GENERATED,
    'Every kind of destination has a page: how to set it up, its settings, and what arrives. What all of them take (`rate`, `concurrency`, `timeout`, `when`, `redact`) is in [configuration.md](configuration.md#destinations).',
    [
      '| kind | service |',
      '|---|---|',
      ...shown.map(({ kind, title }) => `| [${kind}](destinations/${kind}.md) | ${title} |`),
    ].join('\n'),
    'A user’s text is text in all of them: it notifies nobody, links nowhere but to what it shows, and gives no commands. What is too long for a service is cut where a character ends, with how much is missing and, where `server.publicUrl` is set, a link to the ticket.',
    '`support-relay destinations test NAME` sends a marked test and says what the service answered.',
  ])
}

const introduction = `One YAML file: the one that \`--config\` names, else the one that the environment variable \`SUPPORT_RELAY_CONFIG\` names, else
\`./support-relay.yaml\` if there is one. Without any, the service runs in the [evaluation mode](#evaluation-mode).
\`support-relay check\` tells everything that is wrong with a file, with line and fix; \`serve\` refuses the same.

- Any text may hold \`\${NAME}\` (environment variable) or \`\${file:/path}\` (a file's content without one final line end). What is put in is never expanded
  again. A literal \`\${\` is written \`$\${\`. Inside \`{ }\` and \`[ ]\` YAML needs quotes around it: \`{ url: "\${HOOK}" }\`.
- Relative paths are relative to the working directory of the service, not to the file.
- Secrets that look like numbers need quotes: YAML would read \`0123\` as 123.
- A key with nothing behind it counts as not given. Unknown keys and keys given twice are refused.`

const evaluation = `## Evaluation mode

Without a configuration the service listens on 127.0.0.1 only, makes up its secrets and keeps them in \`evaluation-secrets.json\` in the data folder
(mode 0600; used again at later starts). Its tokens have the issuer \`support-relay-evaluation\`. Tickets of type BUG go to \`devsupport\`, all others to
\`support\`; both are of the kind \`local\`, which only shows what would have been sent. A user may send 1,000 tickets an hour, and destinations may reach
this machine (127.0.0.0/8, ::1). \`--port\` and \`--data\` are honoured.`

const page = (parts: readonly string[]) => `${parts.join('\n\n')}\n`

const table = (title: string, prefix: string, keys: Keys): readonly string[] => [
  `## ${title}`,
  [
    '| key | takes | default | meaning |',
    '|---|---|---|---|',
    ...Object.entries(keys).map(([name, key]) => row(`${prefix}${name}`, key)),
  ].join('\n'),
]

const row = (name: string, key: Key<unknown>): string => {
  const takes = key.unit === undefined ? key.type.form : `${key.type.form} (${key.unit})`
  const example = key.example === undefined ? '' : ` Example: \`${key.example}\`.`
  return cells([
    `\`${name}\``,
    takes,
    key.fallback === undefined ? 'required' : key.fallback.shown,
    `${key.meaning}${example}`,
  ])
}

const cells = (texts: readonly string[]) => `| ${texts.map(text => text.replaceAll('|', '\\|')).join(' | ')} |`

/** The names of the kinds are on the other page. */
const describedKind = (keys: ReturnType<typeof destinationKeys>): Keys => ({
  ...keys,
  kind: { ...keys.kind, type: { ...keys.kind.type, form: 'one of the kinds in [destinations.md](destinations.md)' } },
})

/** Its heading, what it is, its settings. */
export const kindSection = (kind: DestinationKind): readonly string[] => {
  const settings = Object.entries(kind.settings)
  const where = kind.documentation === undefined ? '' : ` ([documentation](${kind.documentation}))`
  const pace = `Default rate: ${formatRate(kind.rate)}; default concurrency: ${kind.concurrency}.`
  const only = kind.evaluationOnly === true ? ' In the evaluation mode only; a configuration file may not name it.' : ''
  const rows = settings.map(([name, setting]) =>
    cells([`\`${name}\``, takenBy(setting), setting.optional === true ? '' : 'required', setting.title]),
  )
  return [
    `## ${kind.kind}`,
    `${kind.title}${where}. ${pace}${only}`,
    settings.length === 0
      ? 'No settings.'
      : ['| setting | takes | | meaning |', '|---|---|---|---|', ...rows].join('\n'),
  ]
}

const takenBy = (setting: Setting): string => {
  switch (setting.type) {
    case 'url':
      return setting.isSecret === true ? 'a secret http:// or https:// address' : 'an http:// or https:// address'
    case 'secret':
      return 'a secret text on one line'
    case 'secrets':
      return 'a secret text on one line, or a list of such'
    case 'text':
      return 'a text on one line'
    case 'tree':
      return 'a tree of groups, lists, texts and numbers'
    case 'headers':
      return 'a group of headers, their values secret'
    default:
      return setting.type satisfies never
  }
}
