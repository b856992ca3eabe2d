/** Processes with folders of their own: what runs on a "machine" is what works in its folder, PostgreSQL's children included, whoever started it.
 *  Nothing else is ever stopped or killed, and each by its id. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs'

export type Command = {
  readonly program: string
  readonly args: readonly string[]
  /** It works here, and is found by that. */
  readonly folder: string
  /** Takes what it prints. */
  readonly log: string
  readonly env: Readonly<Record<string, string>>
  readonly user: User
}

/** Nothing: whoever runs this. */
export type User = { readonly uid?: number; readonly gid?: number }

/** It outlives a signal that a terminal sends to all: who is ended when is decided here. */
export const execute = ({ program, args, folder, log, env, user }: Command): void => {
  const output = openSync(log, 'a')
  const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['ignore', output, output], ...user })
  closeSync(output)
  // Seen by whoever waits for it to answer; the log of a program that could not be started stays empty.
  child.on('error', () => {})
  child.unref()
}

/** Ids of all that works in the folder, oldest first. A zombie works nowhere. */
export const inside = (folder: string): number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => isInside(pid, folder))
    .toSorted((a, b) => a - b)

const isInside = (pid: number, folder: string): boolean => {
  try {
    const at = readlinkSync(`/proc/${pid}/cwd`)
    return at === folder || at.startsWith(`${folder}/`)
  } catch {
    return false // gone, or somebody else's
  }
}

/** To all in the folder, also to those that are being born meanwhile. */
export const signalAll = (folder: string, signal: NodeJS.Signals): void => {
  const told = new Set<number>()
  for (;;) {
    const fresh = inside(folder).filter(pid => !told.has(pid))
    if (fresh.length === 0) return
    for (const pid of fresh) {
      told.add(pid)
      signalOne(pid, signal)
    }
  }
}

export const signalOne = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

/** Whether all in the folder ended within this time. */
export const ended = (folder: string, withinMs: number): Promise<boolean> =>
  until(() => inside(folder).length === 0, withinMs)

/** Whether it came true within this time. */
export const until = async (isTrue: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> => {
  for (const begun = performance.now(); ; await pause(200)) {
    if (await isTrue()) return true
    if (performance.now() - begun > withinMs) return false
  }
}

/** Real time is what is under test here. */
export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
