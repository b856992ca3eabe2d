/** Every key of the configuration, once: what it takes, its unit, default and meaning. Validation, defaults, types and
 *  docs/configuration.md come from here. The settings of the kinds of destination stand with the kinds. */
import type { DestinationKind } from '../domain/destination.ts'
import { auth } from './auth.ts'
import { parseCidr } from './cidr.ts'
import { destinations } from './destinations.ts'
import { optional, optionalSection, required } from './keys.ts'
import { networkKeys, noFiles, type ReadFile } from './network.ts'
import { DAY_MS, parseAge } from './pace.ts'
import { destinationName, routes } from './routes.ts'
import { store } from './store.ts'
import { oneOrMore, parsed, text, webUrl, wholeNumber } from './types.ts'

/** 0 takes any free port; the log names it. */
export const port = wholeNumber(0, 65_535)

const ranges = oneOrMore(parsed('an address range', '10.0.0.0/8, fd00::/8 or 192.0.2.7', parseCidr), {
  mayBeEmpty: true,
})

export const serverKeys = {
  host: optional(text('an address or host name of this machine'), '127.0.0.1', {
    meaning: 'Address to listen on. 0.0.0.0 or :: listens on every network; put a TLS proxy in front then.',
  }),
  port: optional(port, 8080, { meaning: 'Port to listen on; 0 takes any free one.' }),
  publicUrl: optional(webUrl(), null, {
    meaning: 'Where people reach this service: messages in chat then link to the ticket in the console there.',
    example: 'https://support.example.org',
  }),
  trustProxy: optional(ranges, noRanges(), {
    meaning:
      "Addresses or ranges of the proxies before this service. Their `X-Forwarded-For`, `-Proto` and `-Host` count (whence a request comes, whether by TLS, to which host); nobody else's do.",
    shown: 'none',
    example: '[127.0.0.1]',
  }),
}

export const limitKeys = {
  ticketsPerUserPerHour: optional(wholeNumber(1, 1_000_000), 10, {
    unit: 'tickets',
    meaning: 'Tickets that one user may send in any hour. Refused requests do not count.',
  }),
  messageMaxLength: optional(wholeNumber(1, 4_194_304), 524_288, {
    unit: 'UTF-16 units',
    meaning: 'The longest message that is accepted. The request body may be six times as long plus 64 KiB.',
  }),
}

export const metricsKeys = {
  host: optional(text('an address or host name of this machine'), '127.0.0.1', {
    meaning: 'Address of `GET /metrics`.',
  }),
  port: optional(port, 7867, { meaning: 'Port of `GET /metrics`; 0 takes any free one.' }),
}

export const alertKeys = (names: readonly string[] | undefined) => ({
  to: optional(destinationName(names), null, {
    meaning:
      'The destination that is told when deliveries are given up, when another destination fails for 5 minutes or holds what waits for a day. ' +
      'While it does not work itself, the first private one that does is told.',
    shown: 'the first chat or mailbox of the team that works',
    example: 'support',
  }),
})

/** The user's limit and idempotency keys look back 7 days. */
const ticketsKept = age(8, '2 years')
const attemptsKept = age(1, '90 days')

export const retentionKeys = {
  tickets: optional(ticketsKept, 2 * 365 * DAY_MS, {
    meaning:
      'Tickets, with all that is theirs, are removed this long after the last thing that happened to them. Kept however old: those with a delivery that is pending, or that was given up while staff have not closed the ticket.',
    shown: '2 years',
  }),
  attempts: optional(attemptsKept, 90 * DAY_MS, {
    meaning: 'Records of single attempts are removed when they are this old. The deliveries themselves stay.',
    shown: '90 days',
  }),
}

/** The whole file. `names` are the destinations that routes may name; undefined when they cannot be known. */
export const rootKeys = (
  kinds: readonly DestinationKind[],
  names: readonly string[] | undefined,
  read: ReadFile = noFiles,
) => ({
  server: optionalSection(serverKeys, 'Where the service listens.'),
  store: optional(store(read), './data', {
    meaning:
      'The folder of the embedded store, relative to the working directory (`--data` wins); or a PostgreSQL that any number of services share: `postgres://user@h1,h2/database`, or a group of `url`, `passwordFile`, `caFile` and `pooler: transaction` (docs/scaling.md). A password within the address, also one put in as `${NAME}`, is percent-encoded: `@` is `%40`; in `passwordFile` it stays as it is.',
  }),
  auth: required(auth, { meaning: 'Whose tokens are accepted.' }),
  destinations: required(destinations(kinds, read), { meaning: 'Where tickets go, each under a name of your choice.' }),
  routes: required(routes(names), {
    meaning: 'Which ticket goes where. The first rule that matches takes the ticket; the last has no `when`.',
    example: '[{ to: [support] }]',
  }),
  alerts: optionalSection(alertKeys(names), 'Who hears of what stays undelivered.'),
  limits: optionalSection(limitKeys, 'What users may send.'),
  network: optionalSection(networkKeys(read), 'What destinations may reach.'),
  metrics: optionalSection(metricsKeys, 'Numbers for Prometheus, on a port of their own.'),
  retention: optionalSection(retentionKeys, 'How long tickets and attempts are kept.'),
})

function age(minDays: number, example: string) {
  const form = `a time of ${minDays} day${minDays === 1 ? '' : 's'} or more, in days, weeks, months or years`
  return parsed(form, example, text => {
    const ms = parseAge(text)
    return ms !== undefined && ms >= minDays * DAY_MS ? ms : undefined
  })
}

function noRanges(): readonly string[] {
  return []
}
