/** `backup` and `restore` on the real program: under load, killed in the middle, from what is damaged, into what is taken. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { markMoved } from '../src/store/sqlite/moved-mark.ts'
import { fillFolder } from './support/filled.ts'
import { answerWith, type Receiver, startReceiver } from './support/receiver.ts'
import { configurationFor, home, post, run, startProgram, token } from './support/service.ts'

/** Of some page in the middle: a byte that says what kind of page it is. */
const PAGE_START = 30 * 1_024
/** What is there before anybody writes. */
const FILLED = 20_000

let receiver: Receiver
before(async () => {
  receiver = await startReceiver()
})
after(() => receiver.close())

const place = () =>
  home(configurationFor(receiver.url).replace('routes: [{ to: [devsupport, archive] }]', 'routes: [{ to: [archive] }]'))
const manifestOf = (backup: string) => JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8'))
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Ids of the deliveries in that state, as receivers know them. */
const idsOf = (database: string, state: string): string[] => {
  const db = new DatabaseSync(database, { readOnly: true })
  const rows = db
    .prepare(
      'select lower(hex(id)) as id, destination from tickets join deliveries on ticket_number = number where number > ? and state = ?',
    )
    .all(FILLED, state)
  db.close()
  return rows.map(({ id, destination }) => {
    const hex = String(id).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    return `${hex}-1-${destination}`
  })
}
const idsSeen = (from: number) => receiver.received.slice(from).map(({ headers }) => String(headers['webhook-id']))

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise(resolve => setTimeout(resolve, 5))
}

test('a backup under load stalls nobody; restored, it delivers what was pending and nothing that was delivered', async () => {
  const at = place()
  const data = join(at.folder, 'data')
  const backup = join(at.folder, 'monday')
  const restored = join(at.folder, 'restored')
  try {
    fillFolder(data, FILLED)
    receiver.reply = answerWith(200, 'ok')
    const first = await at.start()
    const sendAs = (user: string) =>
      post(first.address, { message: 'm' }, { authorization: `Bearer ${token({ sub: user })}` })
    for (let i = 0; i < 5; i += 1) assert.equal((await sendAs(`poster-${i}`)).status, 200)
    await until(() => idsOf(join(data, 'support-relay.db'), 'DELIVERED').length === 5)
    receiver.reply = answerWith(503, 'down')
    for (let i = 5; i < 10; i += 1) assert.equal((await sendAs(`poster-${i}`)).status, 200)

    let isDone = false
    const made = run(['backup', backup, '--data', data, '--json']).finally(() => (isDone = true))
    const waits: number[] = []
    const load = async (user: number): Promise<void> => {
      for (let i = user; !isDone; i += 4) {
        const before = performance.now()
        assert.equal((await sendAs(`poster-${100 + i}`)).status, 200)
        waits.push(performance.now() - before)
      }
    }
    const loads = [0, 1, 2, 3].map(load)
    const { code, stdout, stderr } = await made
    await Promise.all(loads)
    assert.deepEqual([code, stderr], [0, ''])
    // The writer counts as stalled after a second, and answers 503 then.
    assert.ok(Math.max(...waits) < 1_000, `${Math.max(...waits)} ms`)
    assert.ok(waits.length > 20, `${waits.length} tickets meanwhile`)
    await first.end('SIGKILL')

    const manifest = manifestOf(backup)
    assert.deepEqual(JSON.parse(stdout), manifest)
    assert.deepEqual(readdirSync(backup).sort(), ['manifest.json', 'support-relay.db'])
    for (const name of readdirSync(backup)) assert.equal(statSync(join(backup, name)).mode & 0o777, 0o600)
    assert.equal(statSync(backup).mode & 0o777, 0o700)
    assert.equal(manifest.sha256, sha256(join(backup, 'support-relay.db')))
    assert.ok(manifest.deliveries.PENDING >= 5 && manifest.deliveries.DELIVERED === FILLED + 5)
    assert.equal(manifest.rows.tickets, manifest.deliveries.PENDING + manifest.deliveries.DELIVERED)

    const put = await run(['restore', backup, '--data', restored, '--json'])
    assert.deepEqual([put.code, JSON.parse(put.stdout)], [0, manifest])
    const pending = idsOf(join(restored, 'support-relay.db'), 'PENDING')
    receiver.reply = answerWith(200, 'ok')
    const from = receiver.received.length
    const second = await startProgram(['serve', '--config', at.config, '--data', restored], at.folder)
    await until(() => idsOf(join(restored, 'support-relay.db'), 'PENDING').length === 0)
    assert.equal(await second.end('SIGTERM'), 0)
    assert.deepEqual(idsSeen(from).toSorted(), pending.toSorted())
  } finally {
    await at.dispose()
  }
})

test('without a service, after a kill, a backup holds what was answered 200 and is still in the log', async () => {
  const at = place()
  try {
    receiver.reply = answerWith(503, 'down')
    const first = await at.start()
    assert.equal((await post(first.address, { message: 'm' })).status, 200)
    await first.end('SIGKILL')
    assert.ok(statSync(join(at.folder, 'data', 'support-relay.db-wal')).size > 0)
    const { code, stdout } = await run(['backup', 'b', '--config', at.config], { cwd: at.folder })
    assert.equal(code, 0)
    assert.match(
      stdout,
      /^Backed up .*data into b: 1 tickets, 1 pending deliveries, \d+ bytes, SHA-256 [0-9a-f]{64}\.$/m,
    )
    assert.equal(manifestOf(join(at.folder, 'b')).rows.tickets, 1)
  } finally {
    await at.dispose()
  }
})

test('a folder that was moved into a database is not backed up: what is put back would go out a second time', async () => {
  const at = place()
  try {
    const data = join(at.folder, 'data')
    fillFolder(data, 1)
    markMoved(data, 'relay on db1:5432', Date.now())
    const { code, stderr } = await run(['backup', join(at.folder, 'b'), '--data', data])
    assert.deepEqual([code, existsSync(join(at.folder, 'b'))], [3, false])
    assert.match(stderr, /was moved to the PostgreSQL database relay on db1:5432/)
  } finally {
    await at.dispose()
  }
})

test('what is no whole, unchanged backup is 5, and nothing comes into being', async () => {
  const at = place()
  const data = join(at.folder, 'data')
  fillFolder(data, 50)
  const into = join(at.folder, 'into')
  const changeManifest = (backup: string, change: object) =>
    writeFileSync(join(backup, 'manifest.json'), JSON.stringify({ ...manifestOf(backup), ...change }))
  const flip = (file: string) => {
    const content = readFileSync(file)
    content[PAGE_START] = (content[PAGE_START] ?? 0) ^ 1
    writeFileSync(file, content)
  }
  const database = (backup: string) => join(backup, 'support-relay.db')
  const cases: readonly [string, (backup: string) => void, RegExp][] = [
    ['flipped', backup => flip(database(backup)), /SHA-256 differs\)\. Use another backup/],
    ['truncated', backup => truncateSync(database(backup), 40_000), /SHA-256 differs/],
    [
      'flipped, sum made anew',
      backup => {
        flip(database(backup))
        changeManifest(backup, { sha256: sha256(database(backup)) })
      },
      /cannot be restored/,
    ],
    [
      'other counts',
      backup => changeManifest(backup, { deliveries: { DELIVERED: 51 } }),
      /does not hold what manifest\.json says/,
    ],
    [
      'cut manifest',
      backup => truncateSync(join(backup, 'manifest.json'), 30),
      /is no backup, or one that was not finished/,
    ],
    ['no object', backup => writeFileSync(join(backup, 'manifest.json'), 'null'), /another version/],
    [
      'newer format',
      backup => changeManifest(backup, { format: 2 }),
      /another version .*format 2.*Restore it with that version/,
    ],
    ['newer schema', backup => changeManifest(backup, { schema: 99 }), /another version .*schema 99/],
    [
      'letter',
      backup => {
        writeFileSync(database(backup), 'Dear aunt')
        changeManifest(backup, { sha256: sha256(database(backup)) })
      },
      /not a database/,
    ],
  ]
  try {
    assert.equal((await run(['backup', join(at.folder, 'whole'), '--data', data])).code, 0)
    for (const [name, spoil, sentence] of cases) {
      const backup = join(at.folder, name)
      cpSync(join(at.folder, 'whole'), backup, { recursive: true })
      spoil(backup)
      const { code, stderr, stdout } = await run(['restore', backup, '--data', into])
      assert.deepEqual(
        [code, stdout, sentence.test(stderr), stderr.split('\n').length],
        [5, '', true, 2],
        `${name}: ${stderr}`,
      )
      assert.ok(!existsSync(into), name)
    }
    for (const nothing of [at.config, join(at.folder, 'not-there'), data]) {
      const { code, stdout } = await run(['restore', nothing, '--data', into, '--json'])
      assert.equal(code, 5)
      assert.match(JSON.parse(stdout).why, /is no backup/)
    }
  } finally {
    await at.dispose()
  }
})

test('nothing is overwritten: a database, its log, a folder in use are 3; a target that is there is 5', async () => {
  const at = place()
  const data = join(at.folder, 'data')
  const backup = join(at.folder, 'backup')
  try {
    receiver.reply = answerWith(200, 'ok')
    const service = await at.start()
    assert.equal((await run(['backup', backup, '--data', data])).code, 0)
    const inUse = await run(['restore', backup, '--data', data])
    assert.deepEqual([inUse.code, /in use by another Support Relay/.test(inUse.stderr)], [3, true])
    await service.end('SIGTERM')

    const before = sha256(join(data, 'support-relay.db'))
    const there = await run(['restore', backup, '--data', data])
    assert.deepEqual([there.code, /holds support-relay\.db, and nothing is overwritten/.test(there.stderr)], [3, true])
    assert.equal(sha256(join(data, 'support-relay.db')), before)

    writeFileSync(join(at.folder, 'support-relay.db-wal'), 'frames')
    const log = await run(['restore', backup, '--data', at.folder])
    assert.deepEqual([log.code, /holds support-relay\.db-wal/.test(log.stderr)], [3, true])

    const again = await run(['backup', backup, '--data', data])
    assert.deepEqual([again.code, /is there, and nothing is overwritten/.test(again.stderr)], [5, true])
    const empty = await run(['backup', join(at.folder, 'other'), '--data', join(at.folder, 'nobody')])
    assert.deepEqual([empty.code, /holds no support-relay\.db/.test(empty.stderr)], [3, true])
    const nowhere = await run(['backup', join(at.folder, 'a', 'b'), '--data', data])
    assert.deepEqual([nowhere.code, /cannot be written: ENOENT/.test(nowhere.stderr)], [5, true])
    assert.deepEqual(
      readdirSync(at.folder).filter(name => name.includes('.partial-')),
      [],
    )
  } finally {
    await at.dispose()
  }
})
