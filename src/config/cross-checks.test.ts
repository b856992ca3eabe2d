import assert from 'node:assert/strict'
import test from 'node:test'
import { load, SOUND } from '../../test/support/config.ts'

const TRACKER = '  tracker: { kind: github, repository: ada/engine, token: "github_pat_notarealtoken"'
const loaded = (tracker: string, change: (text: string) => string = text => text) =>
  load({
    '/home/support-relay.yaml': change(SOUND.replace('destinations:\n', `destinations:\n${TRACKER}${tracker} }\n`)),
  })
const told = (...args: Parameters<typeof loaded>) => {
  const result = loaded(...args)
  return 'problems' in result ? result.problems.map(({ line, key, what }) => `${line} ${key}: ${what}`).join('\n') : ''
}
const destination = (tracker: string) => {
  const result = loaded(tracker, text => text.replace('to: [support] }', 'to: [support, tracker] }'))
  assert.ok('config' in result, JSON.stringify(result))
  return result.config.destinations.find(({ name }) => name === 'tracker')
}

test('to a tracker that others may read goes no e-mail address and no project, unless the file says otherwise', () => {
  assert.deepEqual(destination('')?.redact, ['email', 'project', 'name', 'userAgent'])
  assert.deepEqual(destination(', redact: none')?.redact, [])
  assert.deepEqual(destination(', redact: [name, email]')?.redact, ['name', 'email'])
  assert.match(told(', redact: [phone]'), /redact.*phone/)
})

test('a destination may ask for what it takes, but one of the last rule has to take everything', () => {
  assert.deepEqual(destination(', when: { type: BUG, text: [crash, hang] }')?.when, {
    type: ['BUG'],
    text: ['crash', 'hang'],
  })
  const narrow = told(', when: { type: BUG }', text => text.replace('to: [support] }', 'to: [tracker] }'))
  assert.match(narrow, /routes: Every destination of the last rule has a `when` of its own/)
})

test('nothing is announced where others than the team may read', () => {
  assert.match(
    told('', text => `${text}alerts: { to: tracker }\n`),
    /alerts\.to: What GitHub issues hold may be read by others/,
  )
  assert.equal(
    told('', text => `${text}alerts: { to: support }\n`),
    '',
  )
})
