/** Bad input at the start: a clear sentence that says what to do, the documented exit code, nothing lost. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { configurationFor, home, run, startProgram } from './support/service.ts'

const inFolder = async (use: (folder: string) => Promise<void>) => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
const taken = async (use: (port: number) => Promise<void>) => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  await use((server.address() as AddressInfo).port) // it listens on TCP
  server.close()
}
const configuration = configurationFor('http://127.0.0.1:9')

test('a configuration with problems starts nothing: 2, and all of them at once', async () => {
  await inFolder(async folder => {
    writeFileSync(
      join(folder, 'support-relay.yaml'),
      configuration.replace('routes:', 'rotues:').replace('kind: slack', 'kind: slak'),
    )
    const { code, stderr, stdout } = await run(['serve'], { cwd: folder })
    assert.equal(code, 2)
    assert.match(stderr, /support-relay\.yaml:\d+:\d+ .*rotues[\s\S]*routes/)
    assert.match(stderr, /slak[\s\S]*slack/)
    assert.match(stderr, /Nothing was started/)
    assert.equal(stdout, '')
    assert.ok(!existsSync(join(folder, 'data')))
  })
})

test('wrong usage is 2', async () => {
  assert.equal((await run(['serve', '--nonsense'])).code, 2)
  const { code, stderr } = await run(['serv'])
  assert.equal(code, 2)
  assert.match(stderr, /^error: unknown command 'serv'\n\(Did you mean serve\?\)\nRun "support-relay --help"/)
  assert.match((await run(['serve', 'x'])).stderr, /too many arguments for 'serve'/)
  const json = await run(['tickets', '--nonsense', '--json'])
  assert.deepEqual(JSON.parse(json.stdout), { why: "unknown option '--nonsense'", errorCode: null })
  assert.equal((await run(['serve', '--port', 'many'])).code, 2)
})

test('a data folder that cannot be written is 3', async () => {
  await inFolder(async folder => {
    writeFileSync(join(folder, 'file'), '')
    writeFileSync(join(folder, 'support-relay.yaml'), configuration)
    const { code, stderr } = await run(['serve', '--data', 'file/data'], { cwd: folder })
    assert.equal(code, 3)
    assert.match(stderr, /data folder .* is a file, or lies below one.*--data/)
  })
})

test('a port in use is 4, for the service and, with a configuration, for the metrics', async () => {
  await inFolder(async folder => {
    await taken(async port => {
      writeFileSync(join(folder, 'support-relay.yaml'), configuration)
      const service = await run(['serve', '--port', String(port)], { cwd: folder })
      assert.deepEqual([service.code, /Port \d+ on 127\.0\.0\.1 is in use/.test(service.stderr)], [4, true])
      writeFileSync(
        join(folder, 'support-relay.yaml'),
        configuration.replace('metrics: { port: 0 }', `metrics: { port: ${port} }`),
      )
      const metrics = await run(['serve'], { cwd: folder })
      assert.deepEqual([metrics.code, /"metrics\.port"/.test(metrics.stderr)], [4, true])
    })
  })
})

test('an address that this machine does not have is 4', async () => {
  await inFolder(async folder => {
    // Of the documentation's own range (RFC 5737): nobody has it.
    writeFileSync(
      join(folder, 'support-relay.yaml'),
      configuration.replace('server: { port: 0 }', 'server: { host: 203.0.113.7, port: 0 }'),
    )
    const { code, stderr } = await run(['serve'], { cwd: folder })
    assert.deepEqual([code, /does not have the address 203\.0\.113\.7/.test(stderr)], [4, true])
  })
})

test('in the evaluation mode a metrics port in use is no reason to stop', async () => {
  await inFolder(async folder => {
    const server = createServer()
    // Whoever has it, we or another program: it is in use.
    await new Promise<void>(resolve => server.once('error', () => resolve()).listen(7867, '127.0.0.1', resolve))
    const service = await startProgram(['serve', '--port', '0'], folder)
    assert.equal((await fetch(`${service.address}/status`)).status, 200)
    assert.match(service.printed(), /no metrics/)
    assert.equal(await service.end('SIGTERM'), 0)
    server.close()
  })
})

test('data of a newer version or of another program is 3, and left as it was', async () => {
  for (const [change, sentence] of [
    ['pragma user_version = 99', /newer version/],
    ['pragma application_id = 1', /another program/],
  ] as const) {
    const place = home(configuration)
    const first = await place.start()
    assert.equal(await first.end('SIGTERM'), 0)
    const db = new DatabaseSync(join(place.folder, 'data', 'support-relay.db'))
    db.exec(change)
    db.close()
    const { code, stderr } = await run(['serve', '--config', place.config, '--data', join(place.folder, 'data')])
    assert.equal(code, 3)
    assert.match(stderr, sentence)
    await place.dispose()
  }
})

test('what it stores is readable by its own user alone, also in a folder that others may enter', async () => {
  await inFolder(async folder => {
    const data = join(folder, 'open')
    mkdirSync(data, { mode: 0o755 })
    writeFileSync(join(folder, 'support-relay.yaml'), configuration)
    const service = await startProgram(['serve', '--data', data], folder)
    for (const name of readdirSync(data)) assert.equal(statSync(join(data, name)).mode & 0o077, 0, name)
    assert.equal(await service.end('SIGTERM'), 0)
  })
})

test('a file that is no database is 3', async () => {
  await inFolder(async folder => {
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data', 'support-relay.db'), 'this is a letter to my aunt, not a database '.repeat(100))
    writeFileSync(join(folder, 'support-relay.yaml'), configuration)
    const { code, stderr } = await run(['serve'], { cwd: folder })
    assert.equal(code, 3)
    assert.match(stderr, /data folder .* cannot be used/)
  })
})

test('a second process on the folder is 3, and is told who has it; the first goes on', async () => {
  const place = home(configuration)
  const first = await place.start()
  const { code, stderr } = await run(['serve', '--config', place.config, '--data', join(place.folder, 'data')])
  assert.equal(code, 3)
  assert.match(stderr, new RegExp(`in use by another Support Relay \\(process ${first.child.pid}, ${first.address}\\)`))
  assert.equal((await fetch(`${first.address}/status`)).status, 200)
  await place.dispose()
})

test('without a configuration it shows the way in, and its sign-in link works once', async () => {
  await inFolder(async folder => {
    const service = await startProgram(['serve', '--port', '0'], folder)
    const printed = service.printed()
    const signIn = /Sign in\s+(\S+)/.exec(printed)?.[1] ?? ''
    assert.match(signIn, /\/sign-in\/[A-Za-z0-9_-]{20,}$/)
    const first = await fetch(signIn, { redirect: 'manual' })
    const cookie = first.headers.get('set-cookie') ?? ''
    assert.equal(first.status, 303)
    assert.match(cookie, /HttpOnly; SameSite=Lax/)
    assert.equal((await fetch(signIn, { redirect: 'manual' })).headers.get('set-cookie'), null)

    const session = { cookie: cookie.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin' }
    const send = (headers: Record<string, string>) =>
      fetch(`${service.address}/api/support/ticket`, { method: 'POST', headers, body: '{"message":"m"}' })
    assert.equal((await send(session)).status, 200)
    assert.equal((await send({ ...session, 'sec-fetch-site': 'cross-site' })).status, 401)

    const again = await run(['login-link', '--data', join(folder, 'data'), '--staff'], { cwd: folder })
    assert.equal((await fetch(again.stdout.trim(), { redirect: 'manual' })).headers.get('location'), '/console')
    assert.equal(await service.end('SIGTERM'), 0)
  })
})

test('the curl line that it prints works as it stands, and the message lands', async () => {
  await inFolder(async folder => {
    const service = await startProgram(['serve', '--port', '0'], folder)
    const [, bearer = '', url = '', body = ''] =
      /curl -H "Authorization: (Bearer [^"]+)" (\S+) -d '([^']+)'/.exec(service.printed()) ?? []
    const answer = await fetch(url, { method: 'POST', headers: { authorization: bearer }, body })
    assert.equal(answer.status, 200)
    const reference = answer.headers.get('ticket-reference') ?? 'none'
    let page = ''
    while (!page.includes(reference)) page = await (await fetch(`${service.address}/evaluation`)).text()
    assert.equal(await service.end('SIGTERM'), 0)
  })
})

test('login-link says why there is no link, and makes nothing', async () => {
  await inFolder(async folder => {
    const nobody = await run(['login-link'], { cwd: folder })
    assert.deepEqual([nobody.code, nobody.stdout, /No service runs in data/.test(nobody.stderr)], [2, '', true])
    assert.ok(!existsSync(join(folder, 'data')))

    writeFileSync(join(folder, 'support-relay.yaml'), configuration)
    const configured = await run(['login-link'], { cwd: folder })
    assert.deepEqual([configured.code, configured.stdout], [2, ''])
    assert.match(configured.stderr, /in the evaluation mode only/)
  })
})

test('check of a wrong file ends with 2 and repeats no secret, wherever one was written', async () => {
  await inFolder(async folder => {
    writeFileSync(
      join(folder, 'support-relay.yaml'),
      `auth: { issuer: x, sharedSecret: "hush" }
destinations:
  a: { kind: slack, url: "https://hooks.slack.com/services/T0/B0/hush hush" }
  b: { kind: webhook, url: "https://ada:hush@example.org/hook", secret: "whsec_hush!" }
  c: { kind: webhook, url: "http://example.org/hush", secret: hush }
  d: { kind: slack, url: hush, token: hush }
routes: [{ to: [a, b, c, d] }]
`,
    )
    for (const args of [['check'], ['check', '--json'], ['serve']]) {
      const { code, stdout, stderr } = await run(args, { cwd: folder })
      assert.equal(code, 2)
      assert.match(stdout + stderr, /destinations\.c\.secret/)
      assert.ok(!/hush/.test(stdout + stderr), stdout + stderr)
    }
    const explained = await run(['routes', 'explain', '--type', 'BGU'], { cwd: folder })
    assert.equal(explained.code, 2)
  })
})

test('check and routes explain show no secret', async () => {
  await inFolder(async folder => {
    writeFileSync(join(folder, 'support-relay.yaml'), configuration)
    const checked = await run(['check'], { cwd: folder })
    const explained = await run(['routes', 'explain', '--type', 'BUG'], { cwd: folder })
    assert.deepEqual([checked.code, explained.code], [0, 0])
    for (const printed of [checked.stdout, explained.stdout, checked.stderr]) {
      assert.ok(!/T0\/B0|whsec_[A-Za-z0-9]|0123456789abcdef/.test(printed), printed)
    }
    assert.match(explained.stdout, /devsupport/)
  })
})

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
  assert.deepEqual(await run(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
})
