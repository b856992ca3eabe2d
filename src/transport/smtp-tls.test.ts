/** When mail goes out by TLS, whose certificate is believed, and what goes out without it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TLSSocket } from 'node:tls'
import type { SMTPServerOptions } from 'smtp-server'
import { certificate, expiredCertificate, key } from '../../test/contracts/certificate.ts'
import { answered, answering, failed, mail, PASSWORD, scripted, send, serve } from '../../test/support/mail-stage.ts'

const WITH_TLS: SMTPServerOptions = { disabledCommands: [], key, cert: certificate, allowInsecureAuth: true }

test('TLS is used when it is offered, whosever certificate, where plain text would do', async t => {
  const server = await serve(t, WITH_TLS)
  answered(await send(t, mail(server.port)), 250, 'MESSAGE')
  assert.equal(server.received[0]?.isSecure, true)
})

test('where TLS is required, its certificate is checked, and without it nothing is told', async t => {
  const login = { username: 'relay', password: PASSWORD }
  const good = await serve(t, WITH_TLS)
  const old = await serve(t, { ...WITH_TLS, cert: expiredCertificate })
  const stripped = await serve(t, { allowInsecureAuth: true })
  const required = (port: number) => mail(port, { needsTls: true, login })
  const trusting = { ca: `${certificate}${expiredCertificate}` }

  answered(await send(t, required(good.port), trusting), 250, 'MESSAGE')
  assert.equal(good.received[0]?.isSecure, true)
  failed(await send(t, required(good.port)), 'certificate')
  failed(await send(t, required(old.port), trusting), 'certificate')
  const elsewhere = { ...required(good.port), url: `smtp://elsewhere.test:${good.port}` }
  failed(await send(t, elsewhere, { ...trusting, resolve: async () => ['127.0.0.1'] }), 'certificate')
  const named = { ...required(good.port), url: `smtp://receiver.test:${good.port}` }
  answered(await send(t, named, { ...trusting, resolve: async () => ['127.0.0.1'] }), 250, 'MESSAGE')

  assert.match(answered(await send(t, required(stripped.port), trusting), 500, 'STARTTLS'), /^TLS is required/)
  for (const { passwords, received } of [old, stripped]) assert.deepEqual([passwords.length, received.length], [0, 0])
})

test('a login alone makes the certificate checked; where TLS is offered and fails, there is no way back', async t => {
  const server = await serve(t, WITH_TLS)
  const login = { username: 'relay', password: PASSWORD }
  failed(await send(t, mail(server.port, { login })), 'certificate')
  assert.deepEqual(server.passwords, [])
  const refusing = await answering(t, '220 hello', line =>
    line.startsWith('EHLO') ? '250-hello\r\n250 STARTTLS' : line === 'STARTTLS' ? '454 4.7.0 Not now' : '250 ok',
  )
  answered(await send(t, mail(refusing)), 454, 'STARTTLS')
})

test('what comes in before the handshake of TLS counts for nothing', async t => {
  const inside: string[] = []
  const port = await scripted(t, socket => {
    socket.write('220 hello\r\n')
    const onData = (data: Buffer) => {
      if (data.toString().startsWith('EHLO')) return void socket.write('250-hello\r\n250 STARTTLS\r\n')
      socket.off('data', onData)
      socket.write('220 go\r\n250 hello from somebody else\r\n')
      const secure = new TLSSocket(socket, { isServer: true, key, cert: certificate })
      secure.on('error', () => {}).on('data', line => inside.push(line.toString().slice(0, 4)))
    }
    socket.on('data', onData)
  })
  failed(await send(t, mail(port, { needsTls: true }), { ca: certificate }, 500), 'timeout')
  assert.deepEqual(inside, ['EHLO'])
})

test('TLS from the start; the wrong one of both ports is told apart', async t => {
  const secure = await serve(t, { ...WITH_TLS, secure: true })
  const plain = await serve(t)
  const over = (port: number) => ({ ...mail(port), url: `smtps://127.0.0.1:${port}`, needsTls: true })
  answered(await send(t, over(secure.port), { ca: certificate }), 250, 'MESSAGE')
  assert.equal(secure.received[0]?.isSecure, true)
  failed(await send(t, over(secure.port)), 'certificate')
  assert.match(failed(await send(t, over(plain.port), { ca: certificate }), 'tls'), /write smtp:\/\//)
  assert.match(failed(await send(t, mail(secure.port), {}, 300), 'timeout'), /write smtps:\/\//)
})
