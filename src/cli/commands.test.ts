/** `check`, `routes explain` and `login-link`, with the real configuration room behind them. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { loadChanged } from '../../test/support/config.ts'
import { explainRoutes } from '../config/explain-routes.ts'
import { summarize } from '../config/summary.ts'
import { typeFrom } from '../domain/submission.ts'
import { check } from './check.ts'
import type { Io } from './io.ts'
import { loginLink } from './login-link.ts'
import { type RoutesExplainOptions, routesExplain } from './routes-explain.ts'

const paper = () => {
  const lines: string[] = []
  const io: Io = { out: line => lines.push(line), err: line => lines.push(line), env: {}, cwd: '/home' }
  return { io, printed: () => lines.join('\n') }
}
const same = (text: string) => text
const checked = async (change: (text: string) => string, options: Parameters<typeof check>[0] = {}) => {
  const { io, printed } = paper()
  const code = await check(options, io, { loadConfig: () => loadChanged(change), summarize })
  return { code, printed: printed() }
}
const explained = async (options: RoutesExplainOptions) => {
  const { io, printed } = paper()
  const code = await routesExplain(options, io, {
    loadConfig: () => loadChanged(same),
    explainRoutes: (config: Parameters<typeof explainRoutes>[0], question) =>
      explainRoutes(config, question, (_subject, message) => typeFrom(message)),
  })
  return { code, printed: printed() }
}

test('check of a sound file says what it amounts to, without secrets, and ends with 0', async () => {
  const { code, printed } = await checked(same)
  assert.equal(code, 0)
  for (const part of ['is sound', '127.0.0.1:8080', 'cloud.sdu.dk', 'support', 'archive', 'rate 1/s'])
    assert.ok(printed.includes(part), part)
  assert.ok(!/very-secret|whsec_B|a-long-shared/.test(printed), printed)
})

test('check tells all problems at once and ends with 2', async () => {
  const { code, printed } = await checked(text =>
    text.replace('kind: slack', 'kind: slak').replace('type: BUG', 'typ: BUG'),
  )
  assert.equal(code, 2)
  assert.match(printed, /^2 problems:[\s\S]*support-relay\.yaml:4:\d+[\s\S]*support-relay\.yaml:7:\d+/)
})

test('check --json is one document, whatever it found', async () => {
  const sound = JSON.parse((await checked(same, { json: true })).printed)
  const wrong = JSON.parse((await checked(text => text.replace('kind: slack', 'kind: slak'), { json: true })).printed)
  assert.deepEqual([sound.ok, sound.problems, wrong.ok, wrong.problems.length], [true, [], false, 1])
})

test('routes explain shows which rule takes a ticket and why the others do not', async () => {
  const bug = await explained({ type: 'BUG', email: 'ada@imada.sdu.dk' })
  assert.equal(bug.code, 0)
  assert.match(bug.printed, /support, archive/)
  const { printed } = await explained({ message: 'BUG: it broke', email: 'ada@example.org' })
  assert.match(printed, /mail/i)
  const document = JSON.parse((await explained({ json: true, type: 'none' })).printed)
  assert.deepEqual(
    [document.rules.map((rule: { verdict: string }) => rule.verdict), document.destinations],
    [['no-match', 'takes'], ['support']],
  )
})

test('routes explain names an option that cannot be, and ends with 2', async () => {
  const { code, printed } = await explained({ type: 'BGU' })
  assert.equal(code, 2)
  assert.match(printed, /--type must be one of BUG.*Did you mean "BUG"/)
})

test('login-link prints the link, or why there is none', () => {
  const { io, printed } = paper()
  assert.equal(loginLink({ staff: true }, io, { make: role => ({ url: `http://x/${role}` }) }), 0)
  assert.equal(loginLink({}, io, { make: () => ({ why: 'No service runs.' }) }), 2)
  assert.equal(printed(), 'http://x/ADMIN\nNo service runs.')
})
