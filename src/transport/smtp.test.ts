/** The way out for mail, against a real mail server and against servers that misbehave. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answered,
  answering,
  failed,
  mail,
  PASSWORD,
  scripted,
  send,
  serve,
  transportFor,
} from '../../test/support/mail-stage.ts'

test('a mail arrives whole, in one transaction, and the connection is let go of', async t => {
  const server = await serve(t)
  answered(await send(t, mail(server.port, { inReplyTo: 'delivery-0@example.org' })), 250, 'MESSAGE')
  const [{ from, to, mail: parsed, isSecure } = assert.fail()] = server.received
  assert.deepEqual([from, to, isSecure], ['support@example.org', ['desk@example.org'], false])
  assert.equal(parsed.from?.text, 'support@example.org')
  assert.equal(parsed.replyTo?.text, '"Ada" <ada@example.org>')
  assert.equal(parsed.subject, 'My subject')
  assert.equal(parsed.messageId, '<delivery-1@example.org>')
  assert.deepEqual([parsed.inReplyTo, parsed.references], ['<delivery-0@example.org>', '<delivery-0@example.org>'])
  assert.equal(parsed.date?.getTime(), 1_764_028_800_000)
  assert.equal(parsed.headers.get('auto-submitted'), 'auto-generated')
  assert.equal(parsed.text?.trim(), 'It broke.')
  assert.equal(parsed.html, '<p>It broke.</p>')
  assert.deepEqual(server.stages, ['greeting', 'sender', 'recipient', 'message'])
})

const refusals = [
  ['greeting', '554 5.7.1 Not you', 'GREETING'],
  ['greeting', '421 4.3.2 Too busy', 'GREETING'],
  ['sender', '550 5.7.1 Not from there', 'MAIL'],
  ['sender', '421 4.7.0 Too many', 'MAIL'],
  ['recipient', '550 5.1.1 Nobody', 'RCPT'],
  ['recipient', '451 4.7.1 Greylisted', 'RCPT'],
  ['message', '552 5.3.4 Too big', 'MESSAGE'],
  ['message', '554 5.6.0 No', 'MESSAGE'],
  ['message', '451 4.3.0 Later', 'MESSAGE'],
] as const
for (const hidePIPELINING of [true, false]) {
  for (const [stage, words, command] of refusals) {
    test(`${words} to ${command} is an answer${hidePIPELINING ? '' : ', also when everything is sent at once'}`, async t => {
      const server = await serve(t, { hidePIPELINING })
      server.refuse = at => (at === stage ? words : null)
      const body = answered(await send(t, mail(server.port)), Number(words.slice(0, 3)), command)
      assert.ok(body.includes(words.slice(4)), body)
      assert.equal(server.received.length, 0)
    })
  }
}

test('a login is used where one is asked for, and its refusal is an answer', async t => {
  const server = await serve(t, { authOptional: false, allowInsecureAuth: true })
  const login = { username: 'relay', password: PASSWORD }
  answered(await send(t, mail(server.port, { login })), 250, 'MESSAGE')
  assert.equal(server.received[0]?.user, 'relay')
  answered(await send(t, mail(server.port)), 530, 'MAIL')
  server.refuse = at => (at === 'login' ? '535 5.7.8 Wrong' : null)
  answered(await send(t, mail(server.port, { login })), 535, 'AUTH')
  server.refuse = at => (at === 'login' ? '454 4.7.0 Not now' : null)
  answered(await send(t, mail(server.port, { login })), 454, 'AUTH')
})

test('no password is told to a server that asks for none', async t => {
  const server = await serve(t, { disabledCommands: ['STARTTLS', 'AUTH'] })
  answered(await send(t, mail(server.port, { login: { username: 'relay', password: PASSWORD } })), 502, 'AUTH')
  assert.deepEqual([server.passwords, server.received.length], [[], 0])
})

test('nothing is sent to an address that is not allowed, by whichever name', async t => {
  let connections = 0
  const port = await scripted(t, socket => {
    connections += 1
    socket.end()
  })
  const resolve = async () => ['1.1.1.1', '127.0.0.1']
  for (const host of [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
    'localhost',
    'mail.test',
  ]) {
    for (const protocol of ['smtp', 'smtps'])
      failed(await send(t, mail(0, { url: `${protocol}://${host}:${port}` }), { allow: [], resolve }), 'blocked')
  }
  assert.equal(connections, 0)
})

test('a name is asked for once, and only the checked address is connected to', async t => {
  const server = await serve(t)
  const answers = [['127.0.0.1'], ['10.0.0.1']]
  let count = 0
  const resolve = async () => answers[count++] ?? []
  answered(await send(t, mail(0, { url: `smtp://mail.test:${server.port}` }), { resolve }), 250, 'MESSAGE')
  assert.equal(count, 1)
})

test('a name with one dead family still arrives', async t => {
  const server = await serve(t)
  const resolve = async () => ['::1', '127.0.0.1']
  const options = { resolve, allow: ['127.0.0.0/8', '::1'] }
  answered(await send(t, mail(0, { url: `smtp://mail.test:${server.port}` }), options), 250, 'MESSAGE')
})

test('servers that cannot be had', async t => {
  const closed = await serve(t)
  await closed.close()
  failed(await send(t, mail(closed.port)), 'refused')
  const resolve = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))
  failed(await send(t, mail(25, { url: 'smtp://mail.test:25' }), { resolve }), 'dns')
  failed(await send(t, mail(await scripted(t, socket => socket.end()))), 'reset')
  failed(await send(t, mail(await scripted(t, socket => socket.resetAndDestroy()))), 'reset')
  failed(
    await send(t, mail(await scripted(t, socket => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')))),
    'protocol',
  )
  failed(await send(t, mail(await scripted(t, socket => void socket.write('220-'.repeat(100_000))))), 'protocol')
})

test('a server that is silent at any moment costs no more than the time there is', async t => {
  const silentAt = (word: string) =>
    answering(t, '220 hello', line => {
      if (line.startsWith(word)) return null
      return line === 'DATA' ? '354 go' : line === '.' ? '250 kept' : /^(?:EHLO|MAIL|RCPT)/.test(line) ? '250 ok' : null
    })
  const ports = [
    await scripted(t, () => {}),
    ...(await Promise.all(['EHLO', 'MAIL', 'RCPT', 'DATA', '.'].map(silentAt))),
  ]
  for (const port of ports) {
    const begun = performance.now()
    failed(await send(t, mail(port), {}, 200), 'timeout')
    assert.ok(performance.now() - begun < 1_500)
  }
})

test('a connection lost at any moment is no answer, whatever it was about', async t => {
  for (const word of ['EHLO', 'MAIL', 'RCPT', 'DATA', '.']) {
    const port = await scripted(t, socket => {
      socket.write('220 hello\r\n')
      socket.on('data', data => {
        for (const line of data.toString().split('\r\n').filter(Boolean)) {
          if (line === word || line.startsWith(`${word} `)) socket.destroy()
          else if (/^(?:EHLO|MAIL|RCPT)/.test(line)) socket.write('250 ok\r\n')
          else if (line === 'DATA') socket.write('354 go\r\n')
        }
      })
    })
    failed(await send(t, mail(port)), 'reset')
  }
})

test('what answers the mail with no code said nothing that we know', async t => {
  const port = await answering(t, '220 hello', line => {
    if (line === 'DATA') return '354 go'
    return line === '.' ? 'hello there' : /^(?:EHLO|MAIL|RCPT)/.test(line) ? '250 ok' : null
  })
  failed(await send(t, mail(port)), 'protocol')
})

test('stopping and closing cut off what is under way', async t => {
  const server = await serve(t)
  let reached = Promise.withResolvers<void>()
  server.refuse = stage => {
    if (stage === 'recipient') reached.resolve()
    return stage === 'recipient' ? new Promise(() => {}) : null
  }
  const stopping = new AbortController()
  const sent = transportFor(t).send(mail(server.port), { timeoutMs: 60_000, signal: stopping.signal })
  await reached.promise
  stopping.abort()
  failed(await sent, 'cut-off')
  failed(await transportFor(t).send(mail(server.port), { timeoutMs: 1_000, signal: stopping.signal }), 'cut-off')

  reached = Promise.withResolvers<void>()
  const transport = transportFor(t)
  const options = { timeoutMs: 60_000 }
  const first = transport.send(mail(server.port), options)
  await reached.promise
  const second = transport.send(mail(server.port), options)
  await transport.close()
  for (const closed of [await first, await second, await transport.send(mail(server.port), options)])
    failed(closed, 'cut-off')
})

test('an address with letters beyond ASCII goes only to a server that takes such', async t => {
  const takes = await serve(t)
  answered(await send(t, mail(takes.port, { to: 'jörg@example.org' })), 250, 'MESSAGE')
  assert.deepEqual(takes.received[0]?.to, ['jörg@example.org'])
  const takesNone = await serve(t, { hideSMTPUTF8: true })
  for (const wide of [{ to: 'jörg@example.org' }, { from: 'hjälp@example.org' }])
    assert.match(answered(await send(t, mail(takesNone.port, wide)), 550, 'MAIL'), /SMTPUTF8/)
  assert.deepEqual(
    takesNone.stages.filter(stage => stage !== 'greeting'),
    [],
  )
  answered(await send(t, mail(takesNone.port)), 250, 'MESSAGE')
})

test('a mail that is larger than the server says it takes is not sent', async t => {
  const server = await serve(t, { size: 10_000 })
  answered(await send(t, mail(server.port, { body: 'x'.repeat(20_000) })), 552, 'MAIL')
  assert.deepEqual(server.stages, ['greeting'])
})
