/** Mails to those who write tickets, by the real program and a real mail server: whom they reach, and whom nothing reaches. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { automaticSenders } from '../contracts/automatic-senders.ts'
import { startInProcess } from '../support/in-process.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { post, SECRET, token } from '../support/service.ts'

const configuration = (port: number) => `
server: { port: 0, publicUrl: https://support.example.org }
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
  helpdesk: { kind: email, smtp: "smtp://127.0.0.1:${port}", from: support@example.org, to: desk@example.org }
  receipts: { kind: acknowledgement, smtp: "smtp://127.0.0.1:${port}", from: support@example.org, replyTo: desk@example.org }
routes: [{ to: [helpdesk, receipts] }]
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
`

const service = async (t: TestContext): Promise<{ readonly address: string; readonly server: MailServer }> => {
  const server = await startMailServer()
  t.after(() => server.close())
  const { address, stop } = await startInProcess({ configure: () => configuration(server.port) })
  t.after(stop)
  return { address, server }
}

const call = (address: string, path: string, body?: unknown) =>
  fetch(`${address}/api/support/${path}`, {
    headers: { authorization: `Bearer ${token({ sub: 'grace', role: 'ADMIN' })}`, 'content-type': 'application/json' },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })

let writers = 0
/** A ticket by somebody new, under this address. @returns its reference and id */
const write = async (address: string, claims: object, message = 'It broke.') => {
  writers += 1
  const as = { authorization: `Bearer ${token({ sub: `writer-${writers}`, ...claims })}` }
  const answer = await post(address, { subject: 'My subject', message }, as)
  assert.equal(answer.status, 200)
  return { reference: answer.headers.get('ticket-reference') ?? '', id: answer.headers.get('ticket-id') ?? '' }
}
const recipients = ({ received }: MailServer) => received.map(({ to }) => to.join()).toSorted()
const sentTo = ({ received }: MailServer, address: string) => received.filter(({ to }) => to.includes(address))
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 20))
}

test('whoever wrote hears that it arrived, once; what staff say goes to the team', async t => {
  const { address, server } = await service(t)
  const message = 'Win a prize at https://evil.example\r\n\r\nBcc: eve@example.org'
  const { reference, id } = await write(address, { email: 'Ada@sdu.dk', name: 'Evil https://evil.example' }, message)
  await server.seen(2)
  const [{ from, raw, mail } = assert.fail()] = sentTo(server, 'Ada@sdu.dk')
  assert.equal(from, '', 'no return path')
  assert.equal(mail.subject, `[${reference}] We have your message`)
  assert.ok(mail.text?.includes(`https://support.example.org/tickets/${id}`))
  assert.ok(!raw.includes('evil') && !raw.includes('My subject') && !raw.includes('eve@'))
  assert.equal(mail.replyTo?.text, 'desk@example.org')
  assert.deepEqual(
    ['auto-submitted', 'precedence', 'x-auto-response-suppress'].map(name => mail.headers.get(name)),
    ['auto-replied', 'bulk', 'All'],
  )
  await call(address, 'addComment', { items: [{ id, message: 'We look at it.' }] })
  await call(address, 'updateStatus', { items: [{ id, status: 'CLOSED' }] })
  await server.seen(4)
  assert.deepEqual(recipients(server), ['Ada@sdu.dk', 'desk@example.org', 'desk@example.org', 'desk@example.org'])
  const { items } = (await (await call(address, 'browseDeliveries?filterDestination=receipts')).json()) as {
    items: { kind: string; state: string }[]
  }
  assert.deepEqual(
    items.map(({ kind, state }) => [kind, state]),
    [['acknowledgement', 'DELIVERED']],
  )
})

test(`${automaticSenders.length} automatic senders, our own addresses and those nobody confirmed: no answer`, async t => {
  const { address, server } = await service(t)
  const ours = ['support@example.org', 'Desk@Example.org', 'support+sup-7k3f-q2mx@example.org']
  const none = [...automaticSenders, ...ours, 'not an address', 'a@b.example, c@d.example', null]
  for (const email of none) await write(address, { email })
  await write(address, { email: 'ada@sdu.dk', email_verified: false })
  await write(address, { email: 'grace@sdu.dk' })
  await server.seen(none.length + 3)
  assert.deepEqual(
    server.received.filter(({ to }) => !to.includes('desk@example.org')).map(({ to }) => to.join()),
    ['grace@sdu.dk'],
  )
})

test('an address hears of three tickets within an hour, whoever writes under it and however it is spelt', async t => {
  const { address, server } = await service(t)
  for (const email of ['ada@sdu.dk', 'ADA@sdu.dk', 'Ada@SDU.dk', 'ada@sdu.dk', 'ada@Sdu.dk'])
    await write(address, { email })
  await write(address, { email: 'grace@sdu.dk' })
  await server.seen(6 + 3 + 1)
  assert.equal(recipients(server).filter(to => to.toLowerCase() === 'ada@sdu.dk').length, 3)
})

test('an address that is refused is given up by itself; the others hear all the same', async t => {
  const { address, server } = await service(t)
  server.refuse = (_stage, recipient) => (recipient === 'gone@sdu.dk' ? '550 5.1.1 No such user' : null)
  await write(address, { email: 'gone@sdu.dk' })
  const dead = async () =>
    ((await (await call(address, 'browseDeliveries?filterState=DEAD')).json()) as { items: unknown[] }).items.length ===
    1
  await until(dead)
  await write(address, { email: 'ada@sdu.dk' })
  await server.seen(3)
  const { items } = (await (await call(address, 'browseDestinations')).json()) as { items: { state: string }[] }
  assert.deepEqual(
    items.map(({ state }) => state),
    ['OK', 'OK'],
  )
})

test('a test goes to the team, and nothing of the team can be sent there', async t => {
  const { address, server } = await service(t)
  assert.equal((await call(address, 'testDestination', { name: 'receipts' })).status, 200)
  assert.deepEqual(recipients(server), ['desk@example.org'])
  const answer = await call(address, 'replay', { filterDestination: 'helpdesk', toDestination: 'receipts' })
  assert.equal(answer.status, 400)
  assert.match(((await answer.json()) as { why: string }).why, /writes to the users/)
})
