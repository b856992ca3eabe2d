/** A mail as it arrived against the mail that was meant. */
import assert from 'node:assert/strict'
import type { AddressObject } from 'mailparser'
import type { MailStep } from '../../src/domain/destination.ts'
import type { ReceivedMail } from '../support/mail-server.ts'

const REQUIRED = ['from', 'to', 'subject', 'message-id', 'date', 'mime-version', 'content-type', 'auto-submitted']
const KNOWN = [
  ...REQUIRED,
  'reply-to',
  'x-auto-response-suppress',
  'x-support-relay',
  'x-ticket-type',
  'content-transfer-encoding',
]
const LINE_BREAK = /[\r\n\v\f\u0085\u2028\u2029]/

/** The mail is the one that was meant, and its bytes are as strict as can be. @param added headers that servers on the way write */
export const checkMail = (
  { from, to, raw, mail }: ReceivedMail,
  step: MailStep,
  added: readonly string[] = [],
): void => {
  assert.deepEqual([from, to], ['support@example.org', ['desk@example.org']])
  const lines = raw.toString('latin1').split('\r\n')
  for (const line of lines) assert.ok(line.length <= 998 && /^[\t\x20-\x7e]*$/.test(line), JSON.stringify(line))
  const head = lines.slice(0, lines.indexOf(''))
  const names = head
    .filter(line => !/^\s/.test(line))
    .map(line => line.slice(0, line.indexOf(':')).toLowerCase())
    .filter(name => !added.includes(name))
  assert.deepEqual(names.toSorted(), [...new Set(names)].toSorted(), 'each once')
  for (const name of REQUIRED) assert.ok(names.includes(name), name)
  for (const name of names) assert.ok(KNOWN.includes(name), name)

  assert.equal(mail.from?.text, 'support@example.org')
  assert.deepEqual(addressesOf(mail.to), [{ name: '', address: 'desk@example.org' }])
  assert.deepEqual(addressesOf(mail.replyTo), step.replyTo ? [step.replyTo] : [])
  assert.equal(mail.subject, step.subject)
  assert.doesNotMatch(mail.subject ?? '', LINE_BREAK)
  assert.equal(textOf(mail.text), textOf(step.body))
  assert.equal(mail.attachments.length, 0)
}

export const addressesOf = (found: AddressObject | AddressObject[] | undefined) =>
  [found ?? []].flat().flatMap(({ value }) => value.map(({ name, address }) => ({ name, address })))

/** Parsers differ about what becomes of the last line's end. */
export const textOf = (text = '') => text.replaceAll('\r\n', '\n').replace(/\n+$/, '')
