/** The example of the seed's documentation page, word for word, in a real shell with a real curl. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import test from 'node:test'
import { promisify } from 'node:util'
import { startReceiver } from './support/receiver.ts'
import { configurationFor, home, token } from './support/service.ts'

const EXAMPLE = `curl -XPOST -H "Authorization: Bearer $accessToken" -H "Content-Type: content-type: application/json; charset=utf-8" "$host/api/support/ticket" -d '{
    "subject": "My subject",
    "message": "Consequatur harum excepturi nemo consequatur laboriosam repellendus vel quos."
}'`

test('the seed’s curl example runs as it stands, malformed content type included', async () => {
  const receiver = await startReceiver()
  const place = home(configurationFor(receiver.url))
  try {
    const { address } = await place.start()
    const env = { ...process.env, host: address, accessToken: token() }
    const { stdout } = await promisify(execFile)('sh', ['-c', EXAMPLE], { env })
    assert.deepEqual(JSON.parse(stdout), {})
    await receiver.seen(2)
    for (const { body } of receiver.received) assert.ok(body.includes('Consequatur harum excepturi nemo'))
  } finally {
    await place.dispose()
    await receiver.close()
  }
})
