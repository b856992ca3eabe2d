/** Sessions and the sign-in links that opened them; and what else runs out and is pruned. */
import type { Principal } from '../../domain/principal.ts'
import type { Session } from '../../domain/session.ts'
import { LIMIT_WINDOW_MS } from '../../domain/store.ts'
import { json, text } from '../columns.ts'
import { type Database, LIMIT } from './database.ts'

/** A used link is remembered for a day after its session ran out: long after the link itself is no longer accepted. */
const LINK_MEMORY_MS = 24 * 3_600_000

export const sessionReads = (db: Database) => {
  const select = db.prepare('select principal, expires_at from sessions where hash = ? and expires_at > ?')
  return {
    session(query: { hash: Uint8Array; now: number }): Session | undefined {
      const row = select.get(query.hash, query.now)
      if (!row) return undefined
      const principal = JSON.parse(text(row.principal)) as Principal // written by openSession below
      return { hash: query.hash, principal, expiresAt: Number(row.expires_at) }
    },
  }
}

export const sessionWrites = (db: Database) => {
  const use = db.prepare('insert or ignore into used_login_links (link, expires_at) values (?, ?)')
  const insert = db.prepare('insert into sessions (hash, principal, expires_at) values (?, ?, ?)')
  const remove = db.prepare('delete from sessions where hash = ?')
  const pruneSessions = db.prepare(
    `delete from sessions where hash in (select hash from sessions where expires_at <= ? ${LIMIT})`,
  )
  const pruneLinks = db.prepare(
    `delete from used_login_links where link in (select link from used_login_links where expires_at <= ? ${LIMIT})`,
  )
  const pruneAddresses = db.prepare(
    `delete from acknowledgements where (address, at, ticket_number) in
       (select address, at, ticket_number from acknowledgements where at <= ? ${LIMIT})`,
  )
  return {
    openSession(session: Session & { link: Uint8Array }): 'opened' | 'used' {
      return db.transaction(() => {
        if (use.run(session.link, session.expiresAt + LINK_MEMORY_MS).changes === 0) return 'used'
        insert.run(session.hash, json(session.principal), session.expiresAt)
        return 'opened'
      })
    },
    closeSession(session: { hash: Uint8Array }): void {
      db.transaction(() => remove.run(session.hash))
    },
    prune(request: { now: number; limit: number }): number {
      const { now, limit } = request
      return db.transaction(
        () =>
          pruneSessions.run(now, limit).changes +
          pruneLinks.run(now, limit).changes +
          pruneAddresses.run(now - LIMIT_WINDOW_MS, limit).changes,
      )
    },
  }
}
