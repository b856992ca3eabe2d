/** `server.publicUrl`: where the links in messages lead. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { startInProcess } from './support/in-process.ts'
import { configurationFor, post, token } from './support/service.ts'

for (const publicUrl of ['https://support.example.org', 'https://support.example.org/']) {
  test(`with ${publicUrl} a message in Slack leads to the ticket in the console`, async t => {
    const at = await startInProcess({
      configure: receiver => configurationFor(receiver).replace('port: 0 }', `port: 0, publicUrl: "${publicUrl}" }`),
    })
    t.after(() => at.stop())
    const answer = await post(at.address, { message: 'It broke.' })
    await at.receiver.seen(2)
    const slack = at.receiver.received.find(({ path }) => path.startsWith('/services/'))
    const [, path = 'none'] = /"url":"https:\/\/support\.example\.org(\/[^"]*)"/.exec(slack?.body ?? '') ?? []
    assert.equal(path, `/console/${answer.headers.get('ticket-id')}`)
    const headers = { authorization: `Bearer ${token({ sub: 'inge', role: 'ADMIN' })}` }
    const page = await (await fetch(at.address + path, { headers })).text()
    assert.ok(page.includes(answer.headers.get('ticket-reference') ?? 'none'))
  })
}
