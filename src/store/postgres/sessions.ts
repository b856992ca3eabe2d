/** Sessions and the sign-in links that opened them; and what else runs out and is pruned. */
import type { Principal } from '../../domain/principal.ts'
import type { Session as SignIn } from '../../domain/session.ts'
import { LIMIT_WINDOW_MS } from '../../domain/store.ts'
import { json, text } from '../columns.ts'
import type { Session } from './session.ts'

/** A used link is remembered for a day after its session ran out: long after the link itself is no longer accepted. */
const LINK_MEMORY_MS = 24 * 3_600_000

export const session = async (db: Session, query: { hash: Uint8Array; now: number }): Promise<SignIn | undefined> => {
  const sql = 'select principal, expires_at from support.sessions where hash = $1 and expires_at > $2'
  const [row] = await db.all(sql, [Buffer.from(query.hash), query.now])
  if (!row) return undefined
  const principal = JSON.parse(text(row.principal)) as Principal // written by openSession below
  return { hash: query.hash, principal, expiresAt: Number(row.expires_at) }
}

export const openSession = async (db: Session, opened: SignIn & { link: Uint8Array }): Promise<'opened' | 'used'> => {
  const used = await db.run(
    'insert into support.used_login_links (link, expires_at) values ($1, $2) on conflict do nothing',
    [Buffer.from(opened.link), opened.expiresAt + LINK_MEMORY_MS],
  )
  if (used === 0) return 'used'
  await db.run('insert into support.sessions (hash, principal, expires_at) values ($1, $2, $3)', [
    Buffer.from(opened.hash),
    json(opened.principal),
    opened.expiresAt,
  ])
  return 'opened'
}

export const closeSession = async (db: Session, { hash }: { hash: Uint8Array }): Promise<void> => {
  await db.run('delete from support.sessions where hash = $1', [Buffer.from(hash)])
}

export const prune = async (db: Session, { now, limit }: { now: number; limit: number }): Promise<number> => {
  const sessions = await db.run(
    'delete from support.sessions where hash in (select hash from support.sessions where expires_at <= $1 limit $2)',
    [now, limit],
  )
  const links = await db.run(
    `delete from support.used_login_links
     where link in (select link from support.used_login_links where expires_at <= $1 limit $2)`,
    [now, limit],
  )
  const addresses = await db.run(
    `delete from support.acknowledgements where (address, at, ticket_number) in
       (select address, at, ticket_number from support.acknowledgements where at <= $1 limit $2)`,
    [now - LIMIT_WINDOW_MS, limit],
  )
  return sessions + links + addresses
}
