/** Asks the REST API of a Patroni, which only `doctor` does: PostgreSQL itself knows nothing of it. */
import type { Clock } from '../domain/clock.ts'
import type { Finding } from '../domain/finding.ts'
import type { Answer } from '../domain/outcome.ts'
import { findingsOfPatroni } from '../domain/patroni.ts'
import { createHttpTransport } from '../transport/http.ts'

const TIMEOUT_MS = 5_000

/** @param url of one member, such as `http://10.0.0.1:8008` @param ca certificates (PEM) to trust beside the usual ones */
export const patroniFindings = async (
  url: string,
  ca: string | undefined,
  clock: Clock,
): Promise<readonly Finding[]> => {
  // Whoever looks after the database typed the address.
  const transport = createHttpTransport({ allow: ['0.0.0.0/0', '::/0'], ca, clock })
  const ask = (path: string) =>
    transport.send(
      { method: 'GET', url: new URL(path, url).href, headers: { accept: 'application/json' }, body: '' },
      { timeoutMs: TIMEOUT_MS },
    )
  try {
    const [status, settings] = await Promise.all([ask('/patroni'), ask('/config')])
    const found = { status: jsonOf(status), settings: jsonOf(settings) }
    if (found.status === undefined || found.settings === undefined)
      return [silent(url, found.status === undefined ? status : settings)]
    return findingsOfPatroni(found.status, found.settings).map(finding => ({
      ...finding,
      what: `${finding.what} (${url})`,
    }))
  } finally {
    await transport.close()
  }
}

/** Patroni answers with 503 and the same document while its PostgreSQL does not run. */
const jsonOf = (answer: Answer): unknown => {
  if (answer.kind === 'no-answer') return undefined
  try {
    return JSON.parse(answer.body)
  } catch {
    return undefined
  }
}

const silent = (url: string, answer: Answer): Finding => {
  const why = answer.kind === 'answer' ? `status ${answer.status}, no JSON` : answer.detail
  return {
    severity: 'warning',
    subject: 'patroni',
    what: `No Patroni answers at ${url}: ${why}.`,
    fix: 'Name the address of its REST API, as `restapi.connect_address` of its configuration has it.',
  }
}
