/** A configuration that takes away or renames a destination with deliveries left: nothing is lost, and everything is seen. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { DestinationView } from '../src/api/ticket.ts'
import { answerWith, startReceiver } from './support/receiver.ts'
import { configurationFor, home, post, run, token } from './support/service.ts'

const staff = { authorization: `Bearer ${token({ sub: 'staff', role: 'ADMIN' })}` }

test('its deliveries wait, NOT_CONFIGURED and told in the log; moved to the new name they go out, and back under the old one as well', async () => {
  const receiver = await startReceiver()
  const place = home(configurationFor(receiver.url))
  const renamed = configurationFor(receiver.url).replaceAll('archive', 'vault')
  const states = async (address: string) => {
    const { items } = await (await fetch(`${address}/api/support/browseDestinations`, { headers: staff })).json()
    return items.map(
      ({ name, state, pending, reason, nextAttemptAt }: DestinationView) =>
        `${name} ${state} ${pending}${state === 'OK' ? '' : ` ${reason} ${nextAttemptAt}`}`,
    )
  }
  const arrived = () =>
    receiver.received.filter(({ path }) => /archive|vault/.test(path)).map(({ headers }) => headers['webhook-id'])
  try {
    receiver.reply = ({ path }, response) =>
      answerWith(path.startsWith('/services') ? 200 : 503, 'ok')({} as never, response)
    const first = await place.start()
    const ids = []
    for (const message of ['one', 'two']) ids.push((await post(first.address, { message })).headers.get('ticket-id'))
    await receiver.seen(4)
    // What arrived is booked, so that the next start does not send it again.
    while (!(await states(first.address)).includes('devsupport OK 0'));
    await first.end('SIGTERM')

    receiver.reply = answerWith(200, 'ok')
    const before = arrived().length
    writeFileSync(place.config, renamed)
    const second = await place.start()
    assert.deepEqual(await states(second.address), [
      'archive NOT_CONFIGURED 2 null null',
      'devsupport OK 0',
      'vault OK 0',
    ])
    assert.match(
      second.printed(),
      /"destination":"archive","from":"\w+","to":"NOT_CONFIGURED","reason":null,"msg":"destination changed"/,
    )
    const moved = await run([
      'replay',
      '--config',
      place.config,
      '--data',
      `${place.folder}/data`,
      '--ticket',
      ids[0] ?? '',
      '--destination',
      'archive',
      '--state',
      'PENDING',
      '--to-destination',
      'vault',
    ])
    assert.equal(moved.stdout, '1 delivery will go out again.\n')
    while (arrived().length < before + 1) await new Promise(resolve => setTimeout(resolve, 20))
    assert.equal(arrived().at(-1), `${ids[0]}-1-vault`)
    await second.end('SIGTERM')

    writeFileSync(place.config, configurationFor(receiver.url))
    const third = await place.start()
    assert.match(
      third.printed(),
      /"destination":"archive","from":"NOT_CONFIGURED","to":"\w+","reason":[^,]+,"msg":"destination changed"/,
    )
    while (arrived().length < before + 2) await new Promise(resolve => setTimeout(resolve, 20))
    assert.equal(arrived().at(-1), `${ids[1]}-1-archive`)
    // The other name has nothing left, and is of no interest any more: neither here nor in the metrics.
    assert.ok(!(await states(third.address)).some((shown: string) => shown.startsWith('vault')))
  } finally {
    await place.dispose()
    await receiver.close()
  }
})
