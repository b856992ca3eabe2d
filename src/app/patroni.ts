/** Asks the REST API of a Patroni, which only `doctor` does: PostgreSQL itself knows nothing of it. */
import type { Clock } from '../domain/clock.ts'
import type { Finding } from '../domain/finding.ts'
import { ADDRESS, findingsOfPatroni } from '../domain/patroni.ts'
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
    const [status, config] = await Promise.all([ask('/patroni'), ask('/config')])
    if (status.kind === 'no-answer') return [silent(url, status.detail)]
    return findingsOfPatroni(status, config).map(finding => ({
      ...finding,
      what: `${finding.what} (${url})`,
    }))
  } finally {
    await transport.close()
  }
}

/** @param why a sentence */
const silent = (url: string, why: string): Finding => ({
  severity: 'warning',
  subject: 'patroni',
  what: `No Patroni answers at ${url}: ${why}`,
  fix: ADDRESS,
})
