/** Names with addresses of both families, of which one is dead: the first attempt arrives by the other. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { type TestContext, test } from 'node:test'
import { blackHole } from '../../test/support/black-hole.ts'
import * as mailStage from '../../test/support/mail-stage.ts'
import { answered, failed, LOOPBACK, listening, post, transportFor } from '../../test/support/transport-stage.ts'

const hasIPv6 = Object.values(networkInterfaces()).some(all => all?.some(({ address }) => address === '::1'))
const options = hasIPv6 ? {} : { skip: 'this machine has no IPv6' }
const BOUNDS = { timeoutMs: 5_000 }

const receiver = (t: TestContext, host: string) =>
  listening(
    t,
    createServer((_request, response) => response.end('ok')),
    { host },
  )

for (const [alive, dead] of [
  ['127.0.0.1', '::1'],
  ['::1', '127.0.0.1'],
] as const) {
  for (const addresses of [
    [dead, alive],
    [alive, dead],
  ]) {
    test(`${addresses.join(' and ')}: nothing listens at ${dead}`, options, async t => {
      const port = await receiver(t, alive)
      const transport = transportFor(t, { resolve: async () => addresses })
      answered(await transport.send(post(`http://both.test:${port}/`), BOUNDS))
    })
  }

  test(`${dead} swallows what comes, and ${alive} is reached soon`, options, async t => {
    const port = await receiver(t, alive)
    await blackHole(t, { host: dead, port })
    const transport = transportFor(t, { resolve: async () => [dead, alive] })
    const begun = performance.now()
    answered(await transport.send(post(`http://both.test:${port}/`), BOUNDS))
    assert.ok(performance.now() - begun < 3_000)
  })
}

test('a mail server whose first family swallows what comes is reached by the other', options, async t => {
  const server = await mailStage.serve(t)
  await blackHole(t, { host: '::1', port: server.port })
  const transport = mailStage.transportFor(t, { allow: LOOPBACK, resolve: async () => ['::1', '127.0.0.1'] })
  const step = mailStage.mail(0, { url: `smtp://mail.test:${server.port}` })
  mailStage.answered(await transport.send(step, BOUNDS), 250, 'MESSAGE')
})

test('an address whose first packet is lost is not given up for a family that is dead', options, async t => {
  const port = await receiver(t, '127.0.0.2')
  const open = await blackHole(t, { host: '127.0.0.1', port })
  const transport = transportFor(t, { resolve: async () => ['127.0.0.1', '::1'] })
  const sent = transport.send(post(`http://both.test:${port}/`), BOUNDS)
  // Later than the first packet, sooner than the second: the system sends it again after a second.
  setTimeout(open, 500)
  answered(await sent)
})

test('where both are dead, it is said in time', options, async t => {
  const port = await receiver(t, '127.0.0.1')
  await blackHole(t, { host: '::1', port })
  const transport = transportFor(t, { resolve: async () => ['::1', '127.0.0.2'] })
  failed(await transport.send(post(`http://both.test:${port}/`), { timeoutMs: 4_000 }), 'timeout')
})
