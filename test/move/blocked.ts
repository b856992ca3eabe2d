/** Holds up a move at one place of its way, for as long as a test wants: by locks in the database that it waits for. */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { asked } from '../support/postgres.ts'
import { launch, MAIN } from '../support/service.ts'

export type Block = {
  /** Another lock, for what comes after. */
  also(sql: string): Promise<void>
  release(): Promise<void>
}

/** @param sql a statement whose locks, or rows that are not committed, are in the way */
export const block = async (url: string, sql: string): Promise<Block> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('begin')
  await client.query(sql)
  return {
    also: async more => void (await client.query(more)),
    release: () => client.end(),
  }
}

/** Asks until it is so. */
export const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 60_000
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await pause(20)
  }
}

const OURS = `select 1 from pg_stat_activity where datname = current_database() and application_name = 'support-relay'`
export const isWaiting = async (url: string) => (await asked(url, `${OURS} and wait_event_type = 'Lock'`)).length > 0

export type Moving = { readonly child: ChildProcess; readonly ended: Promise<number | string>; printed(): string }

/** The command, as soon as it is held up by a lock. */
export const heldUp = async (folder: string, url: string): Promise<Moving> => {
  const moving = launch(MAIN, ['move', '--from', folder, '--to', url], folder)
  moving.listening.catch(() => {}) // it never does
  await until('it is held up', async () => {
    if (moving.child.exitCode !== null) throw new Error(`it ended: ${moving.printed()}`)
    return isWaiting(url)
  })
  return moving
}

/** Kills it, lets its locks go, and waits until nothing of it is left in the database. */
export const kill = async ({ child, ended }: Moving, blocks: readonly Block[], url: string): Promise<void> => {
  child.kill('SIGKILL')
  await ended
  for (const each of blocks) await each.release()
  await until('the database has noticed', async () => (await asked(url, OURS)).length === 0)
}
