/** The whole program moves: from a service on a folder to one on a database, as docs/scaling.md and the command's own help tell it. */
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { blocksOf, commandsOf } from '../support/docs-blocks.ts'
import { asked } from '../support/postgres.ts'
import { answerWith, type Receiver, startReceiver } from '../support/receiver.ts'
import { configurationFor, home, post, quickSlack, type Running, run, startProgram, token } from '../support/service.ts'
import { newDatabase } from './arrange.ts'
import { until } from './blocked.ts'

let receiver: Receiver
before(async () => {
  receiver = await startReceiver()
})
after(() => receiver.close())

const staff = { authorization: `Bearer ${token({ sub: 'staff', role: 'ADMIN' })}` }
const idOf = (answer: Response) => answer.headers.get('ticket-id') ?? ''
/** Deliveries of the webhook, as the receiver knows them. */
const hooksFrom = (from: number): string[] =>
  receiver.received.slice(from).flatMap(({ headers }) => (headers['webhook-id'] ? [`${headers['webhook-id']}`] : []))

test('what waits is delivered once after the move, what was given up can be sent again, and nothing else goes out', async t => {
  const place = home(quickSlack(configurationFor(receiver.url)))
  const data = join(place.folder, 'data')
  const running: Running[] = []
  t.after(async () => {
    for (const { child, end } of running) if (child.exitCode === null && child.signalCode === null) await end('SIGKILL')
    await place.dispose()
  })
  const { url } = await newDatabase(t)
  const statesAre = (wanted: Record<string, number>) =>
    until(`deliveries are ${JSON.stringify(wanted)}`, async () => {
      const answer = await fetch(`${service.address}/api/support/browseDeliveries`, { headers: staff })
      const { items } = await answer.json()
      const found = Map.groupBy(items as { state: string }[], ({ state }) => state)
      return Object.entries(wanted).every(([state, count]) => (found.get(state)?.length ?? 0) === count)
    })

  // One arrives at both; one is given up by the chat; of five nothing arrives anywhere.
  const service = await place.start()
  const key = { 'idempotency-key': 'the-first' }
  const first = await post(service.address, { subject: 'First', message: 'It works' }, key)
  await statesAre({ DELIVERED: 2 })
  const slackSays =
    (status: number, body: string): Receiver['reply'] =>
    (received, response) =>
      answerWith(...(received.path.startsWith('/services') ? ([status, body] as const) : ([200, 'ok'] as const)))(
        received,
        response,
      )
  receiver.reply = slackSays(400, 'invalid_payload')
  const dead = await post(service.address, { subject: 'Dead', message: 'It broke' })
  await statesAre({ DELIVERED: 3, DEAD: 1 })
  receiver.reply = answerWith(503, 'down')
  const waiting: string[] = []
  for (let i = 0; i < 5; i += 1)
    waiting.push(idOf(await post(service.address, { subject: `Waits ${i}`, message: 'm' })))

  const busy = await run(['move', '--from', data, '--to', url])
  assert.equal(busy.code, 3)
  assert.match(busy.stderr, new RegExp(`is in use by another Support Relay \\(process ${service.child.pid}, http:`))
  await service.end('SIGKILL')

  const config = join(place.folder, 'support-relay.yaml')
  writeFileSync(config, `${quickSlack(configurationFor(receiver.url))}store: "${url}"\n`)
  const moved = await run(['move', '--from', data, '--config', config, '--json'])
  assert.equal(moved.code, 0, moved.stderr)
  const { tables, pending, outcome } = JSON.parse(moved.stdout)
  assert.deepEqual([outcome, pending, tables.tickets.rows, tables.deliveries.rows], ['moved', 10, 7, 14])
  const back = await run(['serve', '--config', config, '--data', data])
  assert.equal(back.code, 3)
  assert.match(
    back.stderr,
    /was moved to the PostgreSQL database .* delete \S+moved\.json: what was pending then goes out again/,
  )

  receiver.reply = answerWith(200, 'ok')
  const from = receiver.received.length
  const onDatabase = async () => {
    const one = await startProgram(['serve', '--config', config], place.folder)
    running.push(one)
    return one
  }
  const second = await onDatabase()
  const count = async (state: string) =>
    (await asked(url, `select 1 from support.deliveries where state = '${state}'`)).length
  await until('nothing waits', async () => (await count('PENDING')) === 0)
  assert.deepEqual(hooksFrom(from).toSorted(), waiting.map(id => `${id}-1-archive`).toSorted())
  assert.equal(receiver.received.length - from, 10, 'five each at two destinations')

  const again = await post(second.address, { subject: 'First', message: 'It works' }, key)
  assert.deepEqual([again.status, idOf(again)], [200, idOf(first)])
  const reference = dead.headers.get('ticket-reference') ?? ''
  const shown = await run(['tickets', reference, '--config', config])
  assert.match(shown.stdout, /It broke[\s\S]*devsupport +DEAD/)
  assert.equal((await run(['replay', '--ticket', reference, '--config', config])).code, 0)
  await until('what was given up has arrived', async () => (await count('DELIVERED')) === 14)
  const next = await post(second.address, { subject: 'New', message: 'm' })
  assert.equal((await asked(url, `select number::int as n from support.tickets where id = '${idOf(next)}'`))[0]?.n, 8)
  assert.equal(await second.end('SIGTERM'), 0)
})

test('the commands of docs/scaling.md and of the command’s help run as they stand', async t => {
  const place = home(configurationFor(receiver.url))
  t.after(() => place.dispose())
  const docs = blocksOf('docs/scaling.md')
    .flatMap(({ language, text }) => (language === 'bash' ? commandsOf(text) : []))
    .filter(command => command.startsWith('npx support-relay move '))
  const { stdout } = await run(['move', '--help'])
  const [, list = ''] = /Examples:\n([\s\S]*)$/.exec(stdout) ?? []
  const lines = [...docs, ...list.trim().split('\n')]
  assert.ok(lines.length >= 3, lines.join('\n'))
  for (const line of lines) {
    const { url } = await newDatabase(t)
    const data = join(place.folder, 'data')
    const service = await startProgram(['serve', '--config', place.config, '--data', data], place.folder)
    await service.end('SIGTERM')
    const configuration = join(place.folder, 'postgres.yaml')
    writeFileSync(configuration, `${configurationFor(receiver.url)}store: "${url}"\n`)
    const { host, pathname } = new URL(url)
    const args = [...line.replace(/^.*?support-relay /, '').matchAll(/'([^']*)'|(\S+)/g)]
      .map(([, quoted, plain]) => quoted ?? plain ?? '')
      .map(word => word.replace('db1,db2/relay', host + pathname).replace('relay:', 'postgres:'))
      .map(word => (word === 'support-relay.yaml' ? configuration : word))
    const { code, stderr } = await run(args, { cwd: place.folder, env: { DB_PASSWORD: 'anything' } })
    assert.equal(code, 0, `${line}\n${stderr}`)
    assert.doesNotMatch(stderr, /anything/)
    rmSync(data, { recursive: true })
  }
})
