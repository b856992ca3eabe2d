import assert from 'node:assert/strict'
import test from 'node:test'
import { load, SOUND } from '../../test/support/config.ts'

const RECEIPTS = 'kind: acknowledgement, smtp: "smtp://mail.example.org", from: support@example.org'
/** The sound configuration with two destinations that write to users. */
const told = (change: (text: string) => string, more = '') => {
  const both = `destinations:\n  receipts: { ${RECEIPTS}${more} }\n  thanks: { ${RECEIPTS} }\n`
  const result = load({ '/home/support-relay.yaml': change(SOUND.replace('destinations:\n', both)) })
  return 'problems' in result ? result.problems.map(({ line, key, what }) => `${line} ${key}: ${what}`).join('\n') : ''
}

test('it stands in a rule beside a destination of the team', () => {
  assert.equal(
    told(text => text.replace('to: [support] }', 'to: [support, receipts] }')),
    '',
  )
})

test('a rule that only writes to the user would reach nobody', () => {
  for (const to of ['[receipts]', '[receipts, thanks]'])
    assert.match(
      told(text => text.replace('to: [support] }', `to: ${to} }`)),
      /routes\[1\].*"receipts".* in this rule only writes to the user, so the ticket would reach nobody of the team/,
    )
})

test('in the last rule it does not count as what takes everything', () => {
  const narrow = (text: string) =>
    text
      .replace('very-secret"', 'very-secret", when: { type: BUG }')
      .replace('to: [support] }', 'to: [support, receipts] }')
  assert.match(told(narrow), /Every destination of the last rule has a `when` of its own/)
})

test('a ticket is acknowledged once', () => {
  const told2 = told(text => text.replace('to: [support] }', 'to: [support, receipts, thanks] }'))
  assert.match(told2, /"receipts" and "thanks" would each write to the user/)
})

test('nothing is announced to users, and without their address nobody can write to them', () => {
  assert.match(
    told(text => `${text}alerts: { to: receipts }\n`),
    /alerts\.to: "receipts" writes to the users/,
  )
  assert.match(
    told(text => text, ', redact: [name, email]'),
    /destinations\.receipts\.redact: Without the e-mail address "receipts" cannot write to the users/,
  )
})
