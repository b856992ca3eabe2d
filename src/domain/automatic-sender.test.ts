/** Whom nothing is answered: machines, lists, and ourselves. And that people are not taken for them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { automaticSenders } from '../../test/contracts/automatic-senders.ts'
import { answerableAddress, mailboxOf, ownAddresses } from './automatic-sender.ts'

const own = ownAddresses([
  { settings: { smtp: 'smtp://mail.example.org:587', from: 'Support@example.org', to: 'desk@bücher.example' } },
  { settings: { url: 'https://chat.example.org', email: 'bot+zulip@chat.example.org', apiKey: 'k@' } },
])

const people = `
  ada@example.net Ada.Lovelace@Example.NET ada+support@example.net a.list@example.net max.list@example.net owner.smith@example.net
  noah@example.net norah.reply@example.net nora@example.net noreen@example.net donna.reply@example.net bounce.back@example.net
  alert.reader@example.net anna@list.ru ben@listing.example.net postmann@example.net maildaemonfan@example.net system.anna@example.net
  o'brien@example.net desk@example.net support@example.net
`
  .trim()
  .split(/\s+/)

const ours = `
  support@example.org SUPPORT@EXAMPLE.ORG support+sup-7k3f-q2mx@example.org desk@bücher.example desk@xn--bcher-kva.example
  bot@chat.example.org bot+other@chat.example.org
`
  .trim()
  .split(/\s+/)

test(`${automaticSenders.length} addresses of machines and lists get no answer`, () => {
  assert.ok(automaticSenders.length >= 40)
  assert.deepEqual(
    automaticSenders.filter(address => answerableAddress(address, new Set()) !== undefined),
    [],
  )
})

test('people get one, whatever their names remind of', () => {
  assert.deepEqual(
    people.filter(address => answerableAddress(address, own) !== address.toLowerCase()),
    [],
  )
})

test('no address of our own gets one, with a tag, in capitals or in the other spelling of its domain', () => {
  for (const address of ours) assert.equal(answerableAddress(address, own), undefined, address)
})

test('whoever writes under names with a tag has one mailbox', () => {
  for (const address of ['ada@sdu.dk', 'ada+1@sdu.dk', 'ada+a+b@sdu.dk']) assert.equal(mailboxOf(address), 'ada@sdu.dk')
  assert.equal(mailboxOf('ada.b@sdu.dk'), 'ada.b@sdu.dk')
})

test('what is not one plain address gets none', () => {
  const others = [null, '', ' ', 'ada', 'ada@', '@example.net', 'ada@example.net, eve@example.net', 'a@b@example.net']
  const hidden = [
    'ada@example.net\r\nBcc: eve@example.net',
    '<ada@example.net>',
    '"ada"@example.net',
    'ada@example.net ',
  ]
  for (const text of [...others, ...hidden, `${'a'.repeat(65)}@example.net`, 'аda@example.net'])
    assert.equal(answerableAddress(text, own), undefined, String(text))
})
