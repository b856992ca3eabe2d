/** The commands that make a call, as an operator types them: beside a running service, on the folder of a stopped one, with `--json`, and by the
 *  examples of their own help. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { answerWith, type Receiver, startReceiver } from './support/receiver.ts'
import { configurationFor, type Home, home, post, type Running, run, token } from './support/service.ts'

let receiver: Receiver
let place: Home
let service: Running
let reference = ''
before(async () => {
  receiver = await startReceiver()
  const more = `  support: { kind: webhook, url: "${receiver.url}/support", secret: "whsec_${Buffer.alloc(32).toString('base64')}" }\n`
  place = home(configurationFor(receiver.url).replace('destinations:\n', `destinations:\n${more}`))
  service = await place.start()
  const answer = await post(service.address, { message: 'BUG: It broke.\u001b[2J\u009b', subject: 'A job\u0007' })
  reference = answer.headers.get('ticket-reference') ?? ''
})
after(async () => {
  await place.dispose()
  await receiver.close()
})

const cli = (args: readonly string[], input?: string) =>
  run([...args, '--config', place.config, '--data', join(place.folder, 'data')], input === undefined ? {} : { input })
const said = async (...args: string[]) => {
  const { code, stdout, stderr } = await cli(args)
  return { code, said: (stdout || stderr).trimEnd() }
}
const api = async (path: string, body?: unknown) => {
  const headers = { authorization: `Bearer ${token({ sub: 'staff', role: 'ADMIN' })}` }
  const options = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) }
  return (await fetch(`${service.address}/api/support/${path}`, options)).json()
}

test('send stores a ticket and says its reference; standard input is a message too', async () => {
  const sent = await said('send', '--message', 'Is anybody there?')
  assert.equal(sent.code, 0)
  const [, given = ''] = /^Received as (SUP-\S+) \("Is anybody there\?"\)\./.exec(sent.said) ?? []
  const ticket = await api(`retrieve?id=${given}`)
  assert.deepEqual([ticket.message, ticket.user.username], ['Is anybody there?', 'operator'])
  const piped = await cli(['send', '--type', 'QUESTION', '--message', '-', '--json'], 'one\ntwo\n')
  assert.deepEqual([JSON.parse(piped.stdout).message, JSON.parse(piped.stdout).type], ['one\ntwo\n', 'QUESTION'])
  assert.deepEqual((await said('send')).code, 2)
  assert.deepEqual((await said('send', '--message', ' ')).code, 2)
})

test('--json prints the body of the call', async () => {
  for (const [args, path, body] of [
    [['tickets', '--limit', '5'], 'browse?itemsPerPage=5'],
    [['tickets', reference], `retrieve?id=${reference}&includeTimeline=true&includeDeliveries=true`],
    [['tickets', '--search', 'broke', '--limit', '7'], 'search', { query: 'broke', itemsPerPage: 7 }],
    [['deliveries', '--ticket', reference], `browseDeliveries?filterTicket=${reference}&itemsPerPage=20`],
    [['destinations', 'list'], 'browseDestinations'],
    [['replay', '--state', 'DEAD', '--dry-run'], 'replay', { filterState: 'DEAD', dryRun: true }],
    [['tickets', '--status', 'OPEN'], 'browse?filterStatus=OPEN'],
  ] as const) {
    const { stdout } = await cli([...args, '--json'])
    assert.deepEqual(JSON.parse(stdout), await api(path, body), args.join(' '))
  }
})

test('with --json what went wrong has the shape of the API’s errors', async () => {
  const restore = ['restore', join(place.folder, 'no-backup')]
  for (const args of [['tickets', '--limit', '0'], ['token', '--hours', '0'], ['login-link'], restore]) {
    const { code, stdout } = await cli([...args, '--json'])
    const { why, ...rest } = JSON.parse(stdout)
    assert.deepEqual([code === 0, typeof why, rest], [false, 'string', { errorCode: null }], args.join(' '))
  }
  const unknown = JSON.parse((await cli(['tickets', 'SUP-0000-0000', '--json'])).stdout)
  assert.deepEqual([unknown.errorCode, unknown.statusCode], ['NOT_FOUND', 404])
})

test('what a user wrote cannot act on the terminal', async () => {
  for (const args of [['tickets'], ['tickets', reference], ['tickets', '--json'], ['tickets', reference, '--json']]) {
    const { stdout } = await cli(args)
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, args.join(' '))
  }
})

test('a ticket shows what happened and where it went', async () => {
  const shown = await said('tickets', reference.toLowerCase())
  for (const part of [reference, 'A job', 'BUG: It broke.', 'archive', 'devsupport', 'DELIVERED 200'])
    assert.ok(shown.said.includes(part), `${part}\n${shown.said}`)
})

test('deliveries are listed with reference, state and time, in the width of a terminal', async () => {
  const { said: list } = await said('deliveries', '--ticket', reference)
  const { items } = await api(`browseDeliveries?filterTicket=${reference}`)
  assert.deepEqual(
    list.split('\n').map(line => line.trim().replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'T')),
    items.flatMap(({ id }: { id: string }) => [`${reference}  DELIVERED  1 attempt  last T UTC`, id]),
  )
  assert.ok(list.split('\n').every(line => line.length <= 80))
})

test('a destination that does not take a test message ends the command with 1; a slip with 2', async () => {
  assert.deepEqual(await said('destinations', 'test', 'archive'), {
    code: 0,
    said: 'archive took a test message (status 200: ok).',
  })
  receiver.reply = answerWith(404, 'gone')
  const failed = await said('destinations', 'test', 'support')
  receiver.reply = answerWith(410, 'channel_is_archived')
  const archived = await said('destinations', 'test', 'support')
  receiver.reply = answerWith(200, 'ok')
  assert.match(archived.said, /status 410: channel_is_archived\.\nThe channel is archived.* Open it there again/)
  assert.equal(failed.code, 1)
  assert.match(
    failed.said,
    /^support did not take the test message: UNAVAILABLE, status 404: gone\.\nThere is nothing at the address: .*Copy it anew/,
  )
  const slip = await said('destinations', 'test', 'suport')
  assert.equal(slip.code, 2)
  assert.match(slip.said, /^There is no destination "suport".*"support-relay destinations list"/)
  assert.match((await said('deliveries', '--state', 'LOST')).said, /^--state must be one of PENDING, DELIVERED, DEAD/)
  assert.match((await said('tickets', '--from', 'monday')).said, /^--from is no moment/)
  for (const limit of ['0', '-5', 'abc', '5000'])
    assert.deepEqual(await said('tickets', '--limit', limit), {
      code: 2,
      said: '--limit is a whole number from 1 to 1000.',
    })
})

test('a filter beside the one ticket that is named is refused, not dropped', async () => {
  for (const [option, value] of [
    ['--status', 'CLOSED'],
    ['--search', 'x'],
    ['--limit', '5'],
    ['--next', 'x'],
  ] as const) {
    const { code, said: why } = await said('tickets', reference, option, value)
    assert.deepEqual([code, why.startsWith(`${option} picks from the list`)], [2, true], why)
  }
})

test('a token of `token` is one that the service takes', async () => {
  const made = await said('token', '--user', 'Ada#1234', '--name', 'Ada Lovelace', '--email', 'ada@sdu.dk')
  const answer = await post(service.address, { message: 'm' }, { authorization: `Bearer ${made.said}` })
  assert.equal(answer.status, 200)
  const { user } = await api(`retrieve?id=${answer.headers.get('ticket-id')}`)
  assert.deepEqual(
    [user.username, user.role, user.name, user.email],
    ['Ada#1234', 'USER', 'Ada Lovelace', 'ada@sdu.dk'],
  )
  assert.equal((await said('token', '--role', 'ROOT')).code, 2)
  assert.deepEqual(await said('token', '--user', ' '), {
    code: 2,
    said: '--user is empty: name who the token stands for.',
  })
})

test('no token is made with a secret that no service has', async () => {
  const nowhere = join(place.folder, 'nowhere')
  const { code, stdout, stderr } = await run(['token', '--data', nowhere])
  assert.deepEqual([code, stdout, existsSync(nowhere)], [3, '', false])
  assert.match(stderr, /^No service was ever started in \S*nowhere, .*\. Start it with npm start, or name its folder/)
})

test('every example that a help shows runs', async () => {
  const commands = [
    ['send'],
    ['tickets'],
    ['deliveries'],
    ['replay'],
    ['token'],
    ['destinations', 'list'],
    ['destinations', 'test'],
    ['destinations', 'pause'],
    ['destinations', 'resume'],
    ['routes', 'explain'],
  ]
  let ran = 0
  for (const command of commands) {
    const { stdout } = await run([...command, '--help'])
    const [, list = ''] = /Examples?:\n([\s\S]*)$/.exec(stdout) ?? []
    for (const line of list.trim().split('\n')) {
      const words = [...line.replace('SUP-7K3F-Q2MX', reference).matchAll(/"([^"]*)"|(\S+)/g)]
      const args = words.map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1)
      const takesData = command[0] !== 'routes'
      const { code, stderr } = await (takesData
        ? cli(args, 'from standard input')
        : run([...args, '--config', place.config]))
      assert.equal(code, 0, `${line}\n${stderr}`)
      ran += 1
    }
  }
  assert.ok(ran >= commands.length)
})

test('while no service runs, the same commands work on its folder', async () => {
  await service.end('SIGTERM')
  const sent = await cli(['send', '--message', 'stored while nobody serves', '--json'])
  const { reference: stored } = JSON.parse(sent.stdout)
  const shown = await said('tickets', stored)
  assert.match(shown.said, /archive {2}PENDING/)
  assert.equal((await said('destinations', 'test', 'archive')).code, 0)
  service = await place.start()
  while (!receiver.received.some(({ body }) => body.includes(stored)))
    await new Promise(resolve => setImmediate(resolve))
})
