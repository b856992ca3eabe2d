/** A data folder whose destinations are paused, a configuration for it, and tokens of many users. */
import { createHmac } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/domain/clock.ts'
import type { Store } from '../../src/domain/store.ts'
import { openThreadedStore } from '../../src/store/sqlite/threaded.ts'
import { type Database, openStore } from './postgres.ts'

export const SECRET = 'a'.repeat(64)
export const USERS = 2_000

export type Arranged = { readonly folder: string; readonly config: string; readonly env: Record<string, string> }

/** @param url where both destinations send; they are paused when it is null
 *  @param database another store than the folder's own */
export const arrange = async (url: string | null, database?: Database): Promise<Arranged> => {
  const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'support-relay-bench-'))
  const data = join(folder, 'data')
  if (url === null)
    await pause(
      database
        ? await openStore(database)
        : await openThreadedStore(data, { clock: systemClock, onFatal: error => console.error(error) }),
    )
  const hook = `{ kind: webhook, url: "${url ?? 'http://127.0.0.1:9/hook'}", secret: whsec_${Buffer.alloc(32, 7).toString('base64')} }`
  const config = join(folder, 'support-relay.yaml')
  writeFileSync(
    config,
    `server: { port: 0 }
store: ${database?.url ?? data}
auth: { issuer: bench, sharedSecret: "${SECRET}" }
destinations: { one: ${hook}, two: ${hook} }
routes: [{ to: [one, two] }]
limits: { ticketsPerUserPerHour: 1000000 }
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
`,
  )
  const tokens = join(folder, 'tokens')
  writeFileSync(tokens, Array.from({ length: USERS }, (_, i) => token(`User#${i}`)).join('\n'))
  return {
    folder,
    config,
    env: { TOKENS: tokens, BODY: JSON.stringify({ subject: 'My subject', message: 'It broke. '.repeat(94) }) },
  }
}

const pause = async (store: Store): Promise<void> => {
  await store.takeLeases({ engine: 'bench', destinations: ['one', 'two'], forMs: 0 })
  for (const destination of ['one', 'two'])
    await store.steer({ destination, state: 'PAUSED', reason: 'bench', now: Date.now() })
  await store.close()
}

/** @param projects how many the token lists: 420 make it 25 kB */
export const token = (username: string, projects = 1): string => {
  const now = Math.floor(Date.now() / 1_000)
  const signed = `${base64url({ alg: 'HS512' })}.${base64url({
    sub: username,
    role: 'USER',
    firstNames: 'Ada',
    lastName: 'Lovelace',
    email: 'ada@sdu.dk',
    orgId: 'sdu.dk',
    membership: Object.fromEntries(Array.from({ length: projects }, (_, i) => [projectId(i), 'PI'])),
    iss: 'bench',
    iat: now,
    exp: now + 86_400,
  })}`
  return `${signed}.${createHmac('sha512', SECRET).update(signed).digest('base64url')}`
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const projectId = (i: number): string => `3f2b1c4d-5e6f-4a7b-8c9d-${String(i).padStart(12, '0')}`
