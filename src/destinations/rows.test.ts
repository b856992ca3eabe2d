/** Every row: what it promises like any kind, its limit, its dialect, and what its answers mean. */
import assert from 'node:assert/strict'
import { type ContractOptions, destinationContract } from '../../test/contracts/destination.ts'
import type { Settings } from '../domain/destination.ts'
import type { Outcome } from '../domain/outcome.ts'
import { fromRow } from './row.ts'
import { rows } from './rows.ts'

const delivered: Outcome = { kind: 'delivered' }
const refused = (reason: string): Outcome => ({ kind: 'refused', reason })
const unavailable = (reason: string): Outcome => ({ kind: 'unavailable', reason })
const unclear = (status: number): Outcome => ({ kind: 'unclear', reason: `unconfirmed-http-${status}` })

type Case = {
  readonly settings: Settings
  /** The text in the body. */
  readonly text: (body: unknown) => unknown
  readonly maxBytes: number
  readonly answers: ContractOptions['answers']
}

const cases: Readonly<Record<string, Case>> = {
  gotify: {
    settings: { url: 'https://push.example.org/gotify/', token: 'AbCdEfGhIjKlMnO' },
    text: body => (body as { message: string }).message,
    maxBytes: 60_000,
    answers: [
      [{ status: 200, body: '{"id":7}' }, delivered],
      [{ status: 200, body: '<html>Sign in</html>' }, unclear(200)],
      [{ status: 400, body: '{"error":"Bad Request"}' }, refused('http-400')],
      [{ status: 401 }, unavailable('http-401')],
      [{ status: 403 }, unavailable('http-403')],
    ],
  },
}

for (const row of rows) {
  const { settings, text, maxBytes, answers } = cases[row.kind] ?? assert.fail(`${row.kind} has no case`)
  const shown = (body: unknown) => {
    const value = text(body)
    assert.ok(typeof value === 'string')
    return value
  }
  destinationContract(fromRow(row), settings, {
    ...(answers && { answers }),
    check: body => assert.ok(Buffer.byteLength(JSON.stringify(shown(body))) - 2 <= maxBytes),
    shownMessage: (body, level) =>
      level === 'minimal'
        ? undefined
        : shown(body)
            .split('\n')
            .filter(line => line.startsWith('> '))
            .map(line => line.slice(2))
            .join('\n'),
  })
}
