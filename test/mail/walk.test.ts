/** Tickets walked to a mailbox by the real program: late, refused, cut off, mended. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startInProcess } from '../support/in-process.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { home, post, run, SECRET, token } from '../support/service.ts'

const configuration = (port: number, more = '') => `
server: { port: 0 }
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
  helpdesk: { kind: email, smtp: "smtp://127.0.0.1:${port}", from: support@example.org, to: desk@example.org${more} }
routes: [{ to: [helpdesk] }]
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
`

const staff = { authorization: `Bearer ${token({ sub: 'grace', role: 'ADMIN' })}`, 'content-type': 'application/json' }

const mailServer = async (t: TestContext): Promise<MailServer> => {
  const server = await startMailServer()
  t.after(() => server.close())
  return server
}
const service = async (t: TestContext, server: MailServer) => {
  const at = await startInProcess({ configure: () => configuration(server.port) })
  t.after(() => at.stop())
  return at
}

const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 20))
}

const call = async (address: string, path: string, body?: unknown): Promise<{ items: Record<string, unknown>[] }> => {
  const answer = await fetch(`${address}/api/support/${path}`, {
    headers: staff,
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })
  assert.equal(answer.status, 200, await answer.clone().text())
  return (await answer.json()) as { items: Record<string, unknown>[] }
}

test('a ticket arrives whole in the mailbox, and what follows lands in its thread', async t => {
  const server = await mailServer(t)
  const { address } = await service(t, server)
  const answer = await post(
    address,
    { subject: 'My subject', message: 'BUG: it broke\r\n.\r\nBcc: eve@example.org', context: { page: '/app/jobs' } },
    { 'job-id': 'request-7', project: 'project-1', 'user-agent': 'Firefox 145' },
  )
  const reference = answer.headers.get('ticket-reference') ?? ''
  const id = answer.headers.get('ticket-id') ?? ''
  await server.seen(1)
  const [{ mail, to } = assert.fail()] = server.received
  assert.deepEqual(to, ['desk@example.org'])
  assert.equal(mail.subject, `[${reference}] My subject`)
  assert.equal(mail.replyTo?.text, '"Ada Lovelace" <ada@sdu.dk>')
  for (const part of [
    reference,
    'Ada#1234',
    'USER',
    'ada@sdu.dk',
    'request-7',
    'Firefox 145',
    'Bug',
    'project-1',
    '/app/jobs',
  ])
    assert.ok(mail.text?.includes(part), part)
  assert.ok(mail.text?.includes('BUG: it broke\n.\nBcc: eve@example.org'))

  await call(address, 'addComment', { items: [{ id, message: 'It works again.' }] })
  await call(address, 'addComment', { items: [{ id, message: 'Between us.', internal: true }] })
  await call(address, 'updateStatus', { items: [{ id, status: 'CLOSED' }] })
  await server.seen(3)
  for (const { mail: later } of server.received.slice(1)) {
    assert.deepEqual([later.inReplyTo, later.references], [mail.messageId, mail.messageId])
    assert.equal(later.subject, `Re: [${reference}] My subject`)
  }
  assert.ok(server.received[1]?.mail.text?.includes('It works again.'))
  assert.ok(server.received.every(({ raw }) => !raw.includes('Between us.')))
})

test('greylisted, it is sent again until it is taken, once', async t => {
  const server = await mailServer(t)
  let tries = 0
  server.refuse = stage => {
    if (stage !== 'recipient') return null
    tries += 1
    return tries <= 3 ? '451 4.7.1 Greylisted, come back later' : null
  }
  const { address } = await service(t, server)
  await post(address, { message: 'it broke' })
  await server.seen(1)
  assert.equal(tries, 4)
  await until(async () => (await call(address, 'browseDeliveries?filterState=DELIVERED')).items.length === 1)
  assert.equal(server.received.length, 1)
})

test('a mailbox that is not there keeps its mail waiting, says why, and gets it once it is', async t => {
  const server = await mailServer(t)
  server.refuse = stage => (stage === 'recipient' ? '550 5.1.1 No such mailbox here' : null)
  const { address } = await service(t, server)
  await post(address, { message: 'it broke' })
  const destination = async () => (await call(address, 'browseDestinations')).items[0] ?? {}
  await until(async () => (await destination()).state === 'FAILING')
  assert.deepEqual([(await destination()).reason, (await destination()).pending], ['email-550', 1])
  const [delivery] = (await call(address, 'browseDeliveries')).items
  const [attempt] = (delivery?.log ?? []) as { outcome: string; status: number; excerpt: string }[]
  assert.deepEqual([attempt?.outcome, attempt?.status], ['UNAVAILABLE', 550])
  assert.match(attempt?.excerpt ?? '', /^The recipient was refused: 550 .*No such mailbox here/)
  server.refuse = () => null
  await server.seen(1)
  await until(async () => (await destination()).state === 'OK')
})

test('refused for its text, the ticket arrives without it', async t => {
  const server = await mailServer(t)
  let last = 0
  server.refuse = stage => {
    if (stage === 'message') last += 1
    return stage === 'message' && last === 1 ? '554 5.6.0 Content refused' : null
  }
  const { address } = await service(t, server)
  const answer = await post(address, { subject: 'An offer', message: 'Buy now' })
  await server.seen(1)
  const text = server.received[0]?.mail.text ?? ''
  assert.ok(text.includes(answer.headers.get('ticket-reference') ?? 'none') && !text.includes('Buy now'), text)
})

test('killed while the server keeps silent about a mail it has, it sends the same one again', async t => {
  const server = await mailServer(t)
  const place = home(configuration(server.port))
  t.after(() => place.dispose())
  let release = (_answer: null) => {}
  const silent = Promise.withResolvers<void>()
  server.refuse = stage => {
    if (stage !== 'message') return null
    silent.resolve()
    return new Promise(resolve => {
      release = resolve
    })
  }
  const first = await place.start()
  await post(first.address, { message: 'it broke' })
  await silent.promise
  await first.end('SIGKILL')
  release(null)
  await server.seen(1)
  server.refuse = () => null
  const second = await place.start()
  await server.seen(2)
  assert.equal(await second.end('SIGTERM'), 0)
  const [one, two] = server.received
  assert.equal(one?.mail.messageId, two?.mail.messageId)
  assert.equal(one?.mail.date?.getTime(), two?.mail.date?.getTime())
  assert.equal(one?.mail.text, two?.mail.text)
})

test('`destinations test` says what the server said; `check` says that two people are two destinations', async t => {
  const server = await mailServer(t)
  server.refuse = stage => (stage === 'login' ? '535 5.7.8 Nobody logs in with correct-horse' : null)
  const place = home(configuration(server.port, ', username: relay, password: correct-horse'))
  t.after(() => place.dispose())
  const { end } = await place.start()
  const told = await run(['destinations', 'test', 'helpdesk', '--data', `${place.folder}/data`])
  assert.match(told.stdout + told.stderr, /The login was refused: 535 .*Nobody logs in with \[hidden\]/)
  assert.deepEqual(server.passwords, ['correct-horse'])
  assert.equal(await end('SIGTERM'), 0)

  const two = home(
    configuration(server.port).replace('to: desk@example.org', 'to: [desk@example.org, ada@example.org]'),
  )
  t.after(() => two.dispose())
  const checked = await run(['check', '--config', two.config])
  assert.equal(checked.code, 2)
  assert.match(checked.stdout + checked.stderr, /destinations\.helpdesk\.to.*Two people are two destinations/s)
})
