/** docs/metrics.md: what is counted, made of the registry that is scraped. */
import { attemptOutcomes, destinationStates } from '../../src/api/ticket.ts'
import { createMetrics, type Described } from '../../src/telemetry/metrics.ts'
import { fenced, generated, page, table } from './markdown.ts'

const either = (values: readonly string[]) => values.map(value => `\`${value}\``).join(', ')

const LABELS: Readonly<Record<string, string>> = {
  code: 'An error code: [errors.md](errors.md).',
  destination: 'A name of the configuration.',
  method: 'The method of the request.',
  outcome: `What the answer meant: ${either(attemptOutcomes)}.`,
  reason: 'Why it was given up: a stable code, such as `http-400` or `budget-spent`. `filterReason` takes the same.',
  route: 'The pattern of the address, such as `/api/support/ticket`; `none` where there is nothing.',
  state: `How a destination fares: ${either(destinationStates)}.`,
  status: 'The HTTP status of the answer.',
  what: 'What the store was wanted for, in a few words.',
}

export const metrics = (): readonly Described[] =>
  createMetrics(
    async () => [],
    () => 0,
    new Set(),
  ).described()

export const metricsPage = (): string => {
  const all = metrics()
  const used = [...new Set(all.flatMap(({ labels }) => labels))].toSorted()
  return page([
    '# Metrics',
    generated('src/telemetry/metrics.ts'),
    'In the text format of Prometheus, on a port of its own: `GET /metrics` on 127.0.0.1:7867, or what [`metrics`](configuration.md#metrics) says. Labels hold names from the configuration and closed lists only, never a user’s words.',
    table(
      ['Metric', 'Type', 'Labels', 'Meaning'],
      all.map(({ name, type, help, labels }) => [
        `\`${name}\``,
        type,
        labels.map(each => `\`${each}\``).join(', '),
        help,
      ]),
    ),
    'A histogram `NAME` has the series `NAME_bucket` (label `le`), `NAME_sum` and `NAME_count`. Beside these there is what Prometheus’ client measures of every Node process: `process_…` and `nodejs_…`.',
    '## Labels',
    table(
      ['Label', 'Holds'],
      used.map(label => [`\`${label}\``, meaningOf(label)]),
    ),
    '## Rules for alerts',
    'The service announces by itself what stays undelivered. Prometheus can say it once more, from outside:',
    fenced('promql', alerts),
  ])
}

const meaningOf = (label: string): string => {
  const meaning = LABELS[label]
  if (meaning === undefined) throw new Error(`scripts/docs/metrics-page.ts does not say what the label ${label} holds`)
  return meaning
}

const alerts = `# Something has waited for a quarter of an hour.
max by (destination) (support_relay_oldest_pending_age_seconds) > 900
# A destination fails.
support_relay_destination_state{state="FAILING"} == 1
# Something was given up and is not replayed yet.
support_relay_deliveries_dead > 0
# Users were told to come again, since nothing could be stored.
increase(support_relay_tickets_refused_total{code="STORE_UNAVAILABLE"}[5m]) > 0`
