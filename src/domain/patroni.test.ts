/** What answers of a Patroni, and of what is none, are taken for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { soundSettings } from '../../test/support/patroni.ts'
import type { Answer } from './outcome.ts'
import { findingsOfPatroni } from './patroni.ts'

const answer = (status: number, body: string): Answer => ({ kind: 'answer', status, headers: {}, body })
const json = (value: unknown, status = 200): Answer => answer(status, JSON.stringify(value))
const patroni = (version: string): Answer => json({ state: 'running', patroni: { version, scope: 'relay' } })
const late: Answer = { kind: 'no-answer', failure: 'timeout', detail: 'There was no answer in time.' }

for (const [what, config, why] of [
  ['a login is asked for', json({}, 401), 'status 401.'],
  ['settings come with another status', json(soundSettings, 502), 'status 502.'],
  ['there is null', json(null), 'what was answered is no configuration of Patroni.'],
  ['there is a list', json([soundSettings]), 'what was answered is no configuration of Patroni.'],
  ['there is another JSON', json({ status: 'ok' }), 'what was answered is no configuration of Patroni.'],
  ['there is a page', answer(200, '<html>'), 'what was answered is no configuration of Patroni.'],
  ['nothing comes', late, 'There was no answer in time.'],
] as const)
  test(`where ${what} instead of the configuration, that alone is told, and no setting is judged`, () => {
    const told = (status: Answer) =>
      findingsOfPatroni(status, config).map(({ severity, subject, what }) => `${severity} ${subject} ${what}`)
    const unread = `and its configuration could not be read: ${why}`
    assert.deepEqual(told(patroni('4.0.7')), [`warning patroni Patroni answers, ${unread}`])
    assert.deepEqual(told(config), [`warning patroni What answers tells no version of Patroni, ${unread}`])
    assert.equal(told(patroni('3.0.2')).filter(finding => finding.startsWith('refused patroni')).length, 1)
  })

test('a configuration with little in it is judged, and so is a version that is not told', () => {
  const subjects = (status: Answer, settings: object) =>
    findingsOfPatroni(status, json(settings)).map(({ subject }) => subject)
  const [mode, ...others] = ['synchronous_mode', 'synchronous_mode_strict', 'failsafe_mode', 'primary_start_timeout']
  assert.deepEqual(subjects(patroni('4.0.7'), { ttl: 30 }), [mode, ...others])
  assert.deepEqual(subjects(patroni('4.0.7'), { synchronous_mode: true }), others)
  assert.deepEqual(subjects(json({}), soundSettings), ['patroni'])
})

test('the time to wait for a crashed primary is read by both of its names, and advised by the one that this Patroni knows', () => {
  const { primary_start_timeout, ...unset } = soundSettings
  const advised = (version: string, settings: object) =>
    findingsOfPatroni(patroni(version), json({ ...unset, ...settings }))
      .filter(({ subject }) => subject.endsWith('_start_timeout'))
      .map(({ what, fix }) => `${what.slice(0, what.indexOf(':'))}; ${fix}`)
  const older = (seconds: number) => [
    `master_start_timeout is ${seconds} s; Run: patronictl edit-config -s master_start_timeout=0`,
  ]
  const newer = (seconds: number) => [
    `primary_start_timeout is ${seconds} s; Run: patronictl edit-config -s primary_start_timeout=0`,
  ]
  assert.deepEqual(advised('2.1.4', { master_start_timeout: 0 }), [])
  assert.deepEqual(advised('2.1.4', { master_start_timeout: 60 }), older(60))
  assert.deepEqual(advised('2.1.4', {}), older(300))
  assert.deepEqual(advised('2.1.4', { primary_start_timeout }), older(300))
  assert.deepEqual(advised('4.0.7', { master_start_timeout: 60 }), older(60))
  assert.deepEqual(advised('4.0.7', { master_start_timeout: 60, primary_start_timeout }), [])
  assert.deepEqual(advised('4.0.7', {}), newer(300))
})
