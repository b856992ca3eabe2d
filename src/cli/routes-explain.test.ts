/** What `routes explain` prints, to the letter, and how it ends. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { loadChanged } from '../../test/support/config.ts'
import type { Config, Loaded } from '../config/config.ts'
import { explainRoutes } from '../config/explain-routes.ts'
import { typeFrom } from '../domain/submission.ts'
import type { Io } from './io.ts'
import { type RoutesExplainOptions, routesExplain } from './routes-explain.ts'

const paper = () => {
  const out: string[] = []
  const err: string[] = []
  const io: Io = { out: line => out.push(line), err: line => err.push(line), env: {}, cwd: '/home' }
  return { io, out, err }
}
const explained = async (options: RoutesExplainOptions, loaded: Loaded = loadChanged(text => text)) => {
  const { io, out, err } = paper()
  const code = await routesExplain(options, io, {
    loadConfig: () => loaded,
    explainRoutes: (config: Config, question) => explainRoutes(config, question, (_, message) => typeFrom(message)),
  })
  return { code, out, err }
}
const lines = (text: string) => text.replace(/^\n|\n$/g, '').split('\n')

test('routes explain of a ticket', async () => {
  const { code, out, err } = await explained({ type: 'BUG', email: 'ada@sdu.dk', message: 'hunter2' })
  assert.deepEqual([code, err], [0, []])
  assert.deepEqual(
    out,
    lines(`
A ticket with type: BUG, role: USER, organization: none, mailDomain: sdu.dk, project: none

  1  takes it  type: BUG, mailDomain: sdu.dk or aau.dk  -> support, archive
       Every condition matches.
  2  too late  everything else                          -> support
       It would match too, but rule 1 comes first.

Rule 1 takes it: support, archive
`),
  )
})

test('routes explain --json counts rules from 1, as the text does', async () => {
  const { code, out } = await explained({ type: 'BUG', json: true })
  assert.deepEqual([code, out.length], [0, 1])
  const { ok, file, ticket, takenBy, destinations, rules } = JSON.parse(out[0] ?? '')
  assert.deepEqual([ok, file, takenBy, destinations], [true, './support-relay.yaml', 2, ['support']])
  assert.deepEqual(ticket, { type: 'BUG', role: 'USER', organization: null, mailDomain: null, project: null })
  assert.deepEqual(
    rules.map((rule: { rule: number; verdict: string }) => [rule.rule, rule.verdict]),
    [
      [1, 'no-match'],
      [2, 'takes'],
    ],
  )
})

const broken = loadChanged(text => text.replace('kind: slack', 'kind: slak'))
for (const [what, options, loaded, pattern] of [
  ['an option that cannot be', { role: 'boss' }, undefined, /--role must be one of USER, ADMIN/],
  ['a configuration with problems', {}, broken, /slak/],
] as const) {
  test(`routes explain of ${what} ends with 2, in words on the error output or as one document on the other`, async () => {
    const inWords = await explained(options, loaded)
    assert.deepEqual([inWords.code, inWords.out], [2, []])
    assert.match(inWords.err.join('\n'), pattern)
    const inJson = await explained({ ...options, json: true }, loaded)
    assert.deepEqual([inJson.code, inJson.err, inJson.out.length], [2, [], 1])
    const { ok, problems } = JSON.parse(inJson.out[0] ?? '')
    assert.equal(ok, false)
    assert.match(problems[0].what, pattern)
  })
}
