import assert from 'node:assert/strict'
import test from 'node:test'
import { welcomeLines } from './welcome.ts'

const address = 'http://127.0.0.1:8080'
const printed = welcomeLines({
  address,
  userLink: `${address}/login/USERSECRET`,
  staffLink: `${address}/login/STAFFSECRET`,
  token: 'TOKEN',
  folder: '/home/data',
  newLink: 'npx support-relay login-link',
})

test('a newcomer is given everything for the first ticket', () => {
  const text = printed.join('\n')
  for (const part of [
    `Sign in    ${address}/login/USERSECRET`,
    `Form       ${address}/`,
    `Inbox      ${address}/evaluation`,
    `As staff   ${address}/login/STAFFSECRET`,
    '/home/data',
    'npx support-relay login-link\n',
    'npx support-relay login-link --staff\n',
  ])
    assert.ok(text.includes(part), part)
})

test('the line for a terminal is whole: address, ready token and a body that is JSON', () => {
  const curl = printed.find(line => line.includes('curl'))?.trim() ?? ''
  const [, token, url, body] = /^curl -H "Authorization: Bearer (\S+)" (\S+) -d '(.*)'$/.exec(curl) ?? []
  assert.deepEqual([token, url], ['TOKEN', `${address}/api/support/ticket`])
  assert.deepEqual(JSON.parse(body ?? ''), { subject: 'My subject', message: 'It works' })
})

test('each secret stands in one line only', () => {
  for (const secret of ['USERSECRET', 'STAFFSECRET', 'TOKEN'])
    assert.equal(printed.filter(line => line.includes(secret)).length, 1)
})
