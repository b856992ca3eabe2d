/** Data files that are damaged, foreign or not all there: 3, one sentence that names the file and what to do, and no byte changed. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { examine } from '../src/store/sqlite/examine.ts'
import { readLogFile } from '../src/store/sqlite/log-file.ts'
import { fillFolder } from './support/filled.ts'
import { answerWith, type Receiver, startReceiver } from './support/receiver.ts'
import { configurationFor, type Home, home, post, run, token } from './support/service.ts'

const FRAME_BYTES = 24 + 1_024
let receiver: Receiver
before(async () => {
  receiver = await startReceiver()
  receiver.reply = answerWith(503, 'down')
})
after(() => receiver.close())

const database = ({ folder }: Home) => join(folder, 'data', 'support-relay.db')
const log = (at: Home) => `${database(at)}-wal`
/** What stands in the data files. SQLite lays an empty log, and an index of it (`-shm`), beside what it looks at. */
const sums = (at: Home) =>
  readdirSync(join(at.folder, 'data'))
    .filter(
      name =>
        name === 'support-relay.db' || (name.endsWith('-wal') && statSync(join(at.folder, 'data', name)).size > 0),
    )
    .map(name => [
      name,
      createHash('sha256')
        .update(readFileSync(join(at.folder, 'data', name)))
        .digest('hex'),
    ])
const overwrite = (file: string, from: number, bytes: Uint8Array) => {
  const content = readFileSync(file)
  content.set(bytes, from)
  writeFileSync(file, content)
}
const TICKETS = 5
/** Of a process that was killed: some tickets, each in a commit of its own, all of them in the log. */
const killed = async (at: Home) => {
  const service = await at.start()
  for (let i = 0; i < TICKETS; i += 1) assert.equal((await post(service.address, { message: `m${i}` })).status, 200)
  await service.end('SIGKILL')
}
const stopped = async (at: Home) => fillFolder(join(at.folder, 'data'), 200)
const filledAndKilled = async (at: Home) => {
  await stopped(at)
  await killed(at)
}
const nothing = async (at: Home) => mkdirSync(join(at.folder, 'data'))
const theirs = (at: Home, mode: string) => {
  const db = new DatabaseSync(database(at))
  db.exec(`pragma journal_mode = ${mode}; create table theirs (x); insert into theirs values (1)`)
  db.close()
}
const RESTORE = /^The data folder \S+ cannot be used: support-relay\.db .*support-relay restore/

const CUT = /support-relay\.db is damaged or no database \(it ends before page \d+ of \d+\).*support-relay restore/

type Case = readonly [string, (at: Home) => Promise<void>, (at: Home) => void, RegExp]
const refused: readonly Case[] = [
  ['a letter', nothing, at => writeFileSync(database(at), 'Dear aunt, '.repeat(500)), RESTORE],
  ['an empty file', nothing, at => writeFileSync(database(at), ''), RESTORE],
  ["another program's database", nothing, at => theirs(at, 'delete'), /data of another program\. Name another folder/],
  ["another program's database with a log", nothing, at => theirs(at, 'wal'), /data of another program/],
  ['half of the file', stopped, at => truncateSync(database(at), 80 * 1_024), RESTORE],
  ['a file cut within its last page', stopped, at => truncateSync(database(at), statSync(database(at)).size - 1), CUT],
  [
    'a file cut off beside a log',
    filledAndKilled,
    at => truncateSync(database(at), statSync(database(at)).size - 5_000),
    CUT,
  ],
  ['a damaged first page', stopped, at => overwrite(database(at), 0, new Uint8Array(64).fill(7)), RESTORE],
  ['a damaged schema', stopped, at => overwrite(database(at), 100, new Uint8Array(200).fill(7)), RESTORE],
  ['a log without its file', killed, at => rmSync(database(at)), RESTORE],
  [
    'a damaged place in the log',
    killed,
    at => overwrite(log(at), readFileSync(log(at)).length >> 1, Buffer.from('damage')),
    /its log support-relay\.db-wal is damaged at byte \d+, .*truncate -s \d+ \S+-wal\n$/,
  ],
  [
    'a log with a damaged head',
    killed,
    at => overwrite(log(at), 12, Buffer.from('damage')),
    /-wal is damaged at byte 0/,
  ],
  [
    'a link to the file',
    stopped,
    at => {
      renameSync(database(at), join(at.folder, 'elsewhere.db'))
      symlinkSync(join(at.folder, 'elsewhere.db'), database(at))
    },
    /its support-relay\.db is a link\. Name the folder of the file itself/,
  ],
  ['a log with an empty head', killed, at => overwrite(log(at), 0, Buffer.alloc(512)), /-wal is damaged at byte 0/],
]

for (const [what, arrange, spoil, sentence] of refused) {
  test(`${what} is 3, and left as it was`, async () => {
    const at = home(configurationFor(receiver.url))
    try {
      await arrange(at)
      spoil(at)
      const before = sums(at)
      const { code, stderr, stdout } = await run(['serve', '--config', at.config, '--data', join(at.folder, 'data')])
      assert.deepEqual([code, stdout, stderr.trim().split('\n').length], [3, '', 1], stderr)
      assert.match(stderr, sentence)
      assert.deepEqual(sums(at), before)
      // Nor is anything of ours put beside it, but the lock.
      const ours = ['ballast', 'service.json'].filter(name => existsSync(join(at.folder, 'data', name)))
      assert.deepEqual(ours, arrange === killed || arrange === filledAndKilled ? ['ballast', 'service.json'] : [])
    } finally {
      await at.dispose()
    }
  })
}

const storedIn = async (at: Home): Promise<number> => {
  const service = await at.start()
  const answer = await fetch(`${service.address}/api/support/browse`, {
    headers: { authorization: `Bearer ${token()}` },
  })
  const { items } = await answer.json()
  assert.equal(await service.end('SIGTERM'), 0)
  return items.length
}

test('a page that is in the log is not missed in the file: so a crash amid a checkpoint leaves it', async () => {
  const at = home(configurationFor(receiver.url))
  try {
    await killed(at)
    const content = readFileSync(log(at))
    const whole = statSync(database(at)).size / 1_024
    const last = readLogFile(log(at))
    // As if the checkpoint had written the first page, which names the size, and nothing yet behind the old end.
    const header = Buffer.alloc(4)
    header.writeUInt32BE(last.pageCount ?? 0)
    overwrite(database(at), 28, header)
    assert.ok((last.pageCount ?? 0) > whole, `${last.pageCount} of ${whole} pages, in a log of ${content.length} bytes`)
    assert.equal(await storedIn(at), TICKETS)
  } finally {
    await at.dispose()
  }
})

test('a log that is cut where it is damaged gives what stood before; a backup of it as it is is refused', async () => {
  const at = home(configurationFor(receiver.url))
  const data = join(at.folder, 'data')
  try {
    await killed(at)
    overwrite(log(at), readFileSync(log(at)).length >> 1, Buffer.from('damage'))
    const backup = await run(['backup', join(at.folder, 'backup'), '--data', data])
    assert.deepEqual([backup.code, existsSync(join(at.folder, 'backup'))], [3, false])
    const [, bytes, file] = /: truncate -s (\d+) (\S+)\n$/.exec(backup.stderr) ?? []
    truncateSync(file ?? '', Number(bytes))
    const stored = await storedIn(at)
    assert.ok(stored > 0 && stored < TICKETS, `${stored} tickets`)
  } finally {
    await at.dispose()
  }
})

test('the page that no file larger than 1 GiB ever holds is not missed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-large-'))
  const path = join(folder, 'support-relay.db')
  try {
    fillFolder(folder, 1)
    const header = Buffer.alloc(4)
    header.writeUInt32BE(2 ** 20)
    overwrite(path, 28, header)
    truncateSync(path, 2 ** 30) // sparse; nothing points at those pages
    const db = openDatabase(path)
    db.exec('pragma wal_autocheckpoint = 0')
    db.transaction(() => db.prepare("insert into meta values ('large', zeroblob(100000))").run())
    assert.ok((readLogFile(`${path}-wal`).pageCount ?? 0) > 2 ** 20 + 1)
    examine(path)
    db.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what a power cut leaves at the end of the log is no damage: whatever was acknowledged is there', async () => {
  const ends: readonly ((at: Home) => void)[] = [
    at => writeFileSync(log(at), Buffer.concat([readFileSync(log(at)), Buffer.alloc(3 * FRAME_BYTES)])),
    // A commit that came on the disk in another order than written: its end is there, its beginning is not.
    at => {
      const whole = readFileSync(log(at))
      writeFileSync(log(at), Buffer.concat([whole, Buffer.alloc(FRAME_BYTES), whole.subarray(-FRAME_BYTES)]))
    },
    at => writeFileSync(log(at), Buffer.concat([readFileSync(log(at)), Buffer.from('half a fra')])),
    // Of two commits that failed one after the other only the ends are left.
    at => {
      const whole = readFileSync(log(at))
      const end = whole.subarray(-FRAME_BYTES)
      writeFileSync(log(at), Buffer.concat([whole, Buffer.alloc(FRAME_BYTES, 1), end, end]))
    },
  ]
  for (const tear of ends) {
    const at = home(configurationFor(receiver.url))
    try {
      await killed(at)
      tear(at)
      assert.equal(await storedIn(at), TICKETS)
    } finally {
      await at.dispose()
    }
  }
})

test('a log that had only grown, and what a kill in the very first start leaves, are no damage', async () => {
  const at = home(configurationFor(receiver.url))
  try {
    mkdirSync(join(at.folder, 'data'))
    writeFileSync(join(at.folder, 'data', 'new.db'), '')
    writeFileSync(join(at.folder, 'data', 'new.db-wal'), 'half')
    assert.equal(await storedIn(at), 0)
    writeFileSync(log(at), Buffer.alloc(5_000))
    assert.equal(await storedIn(at), 0)
    assert.deepEqual(
      readdirSync(join(at.folder, 'data')).filter(name => name.startsWith('new.db')),
      [],
    )
  } finally {
    await at.dispose()
  }
})

/** Overwrites the page that a table begins with. */
const spoilTable = (at: Home, table: string) => {
  const db = new DatabaseSync(database(at), { readOnly: true })
  const page = Number(db.prepare('select rootpage from sqlite_schema where name = ?').get(table)?.rootpage)
  db.close()
  overwrite(database(at), (page - 1) * 1_024, Buffer.alloc(1_024, 0xee))
}
const met: readonly (readonly [string, string, (address: string) => Promise<unknown>])[] = [
  ['storing a ticket', 'deliveries', address => post(address, { message: 'm' })],
  [
    'looking',
    'tickets_by_user',
    address => fetch(`${address}/api/support/browse`, { headers: { authorization: `Bearer ${token()}` } }),
  ],
]
for (const [what, table, ask] of met) {
  test(`damage that ${what} meets ends the service with 3 and the same sentence, and a backup puts it right`, {
    timeout: 120_000,
  }, async () => {
    const at = home(configurationFor(receiver.url))
    const data = join(at.folder, 'data')
    try {
      await stopped(at)
      const backup = join(at.folder, 'backup')
      assert.equal((await run(['backup', backup, '--data', data])).code, 0)
      spoilTable(at, table)
      const service = await at.start()
      const answer = await ask(service.address).catch(() => undefined)
      assert.ok(!(answer instanceof Response) || answer.status === 503)
      assert.equal(await service.end('SIGCONT'), 3)
      assert.match(service.printed().trim().split('\n').at(-1) ?? '', RESTORE)

      const damaged = await run(['backup', join(at.folder, 'worse'), '--data', data])
      assert.deepEqual([damaged.code, RESTORE.test(damaged.stderr)], [3, true], damaged.stderr)
      mkdirSync(join(at.folder, 'damaged'))
      for (const name of readdirSync(data).filter(name => name.startsWith('support-relay.db')))
        renameSync(join(data, name), join(at.folder, 'damaged', name))
      assert.equal((await run(['restore', backup, '--data', data])).code, 0)
      const again = await at.start()
      assert.equal((await post(again.address, { message: 'm' })).status, 200)
    } finally {
      await at.dispose()
    }
  })
}
