/** Announcements from the real program: by the destination that the configuration names, without a secret, while the other one is out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { startInProcess } from './support/in-process.ts'
import { answerWith } from './support/receiver.ts'
import { configurationFor, HOOK_SECRET, post } from './support/service.ts'

test('a delivery that is given up is announced within a minute through `alerts.to`, signed, and names neither text nor address', async () => {
  const at = await startInProcess({
    configure: url =>
      configurationFor(url, 'alerts: { to: archive }').replace('/devsupport"', '/devsupport", rate: none'),
  })
  try {
    at.receiver.reply = ({ path }, response) =>
      path.startsWith('/services')
        ? answerWith(400, 'invalid_payload')({} as never, response)
        : answerWith(200, 'ok')({} as never, response)
    await post(at.address, { subject: 'My subject', message: 'It broke.' })
    const alert = () => at.receiver.received.find(({ body }) => body.includes('support.alert'))
    while (!alert()) await new Promise(resolve => setTimeout(resolve, 50))
    const { path, bytes, headers } = alert() ?? assert.fail()
    assert.equal(path, '/archive')
    const told = new Webhook(HOOK_SECRET).verify(bytes, headers as Record<string, string>) as {
      type: string
      data: { headline: string; text: string }
    }
    assert.equal(told.data.headline, 'Support Relay gave up 1 delivery to devsupport')
    assert.match(told.data.text, /slack-invalid-payload \(1\)\. .*support-relay replay --destination devsupport$/)
    for (const secret of ['It broke', 'My subject', '/services/', '127.0.0.1'])
      assert.ok(!bytes.includes(secret), secret)
    const isLogged = () =>
      at.log.some(line => line.includes('"announced"') && line.includes('"matter":"devsupport/dead"'))
    while (!isLogged()) await new Promise(resolve => setTimeout(resolve, 20))
  } finally {
    await at.stop()
  }
})
