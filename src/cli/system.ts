/** What a command finds around it: the terminal, the configuration that is meant, the API of its service, and what its errors stand for. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import {
  AddressRefused,
  announcedService,
  BackupRefused,
  type ConfigProblem,
  DatabaseRefused,
  destinationKinds,
  FolderRefused,
  loadConfig,
  loginUrl,
  MoveUnfinished,
  openApi,
  readMoveOptions,
  systemFiles,
} from '../app.ts'
import { EXIT_BACKUP } from './backup.ts'
import { EXIT_WRONG, type Io } from './io.ts'
import { EXIT_UNFINISHED } from './move.ts'
import { EXIT_ADDRESS, EXIT_STORE } from './serve.ts'
import type { TokenParts } from './token.ts'

export type Where = { readonly config?: string; readonly port?: string; readonly data?: string }

export const io: Io = {
  out: line => process.stdout.write(`${line}\n`),
  err: line => process.stderr.write(`${line}\n`),
  env: process.env,
  cwd: process.cwd(),
}
export const bytes = (count: number) => new Uint8Array(randomBytes(count))
export const load = (where: Where, mayWrite: boolean) =>
  loadConfig({
    ...where,
    env: io.env,
    cwd: io.cwd,
    kinds: destinationKinds,
    files: systemFiles,
    randomBytes: bytes,
    mayWrite,
  })

export function whereOf(options: {
  config?: string | undefined
  port?: string | undefined
  data?: string | undefined
}): Where {
  return {
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.data === undefined ? {} : { data: options.data }),
  }
}

/** The folder and the database of a move, as typed. */
export const moveOptions = (typed: Parameters<typeof readMoveOptions>[0]) =>
  readMoveOptions(typed, { env: io.env, cwd: io.cwd, files: systemFiles })

/** All of standard input. */
export const readInput = async (): Promise<string> => Buffer.concat(await process.stdin.toArray()).toString()

const PROGRESS_MS = 5_000
/** Says now and then that work goes on, to somebody who waits at a terminal; until what comes back is called.
 *  @param more how far it is, to go on with after a number of seconds */
export const progress = (more = () => ''): (() => void) => {
  if (!process.stderr.isTTY) return () => {}
  const begun = performance.now()
  const timer = setInterval(
    () => io.err(`Still working: ${Math.round((performance.now() - begun) / 1_000)} s${more()}`),
    PROGRESS_MS,
  )
  return () => clearInterval(timer)
}

/** The API of what the configuration names. */
export async function apiOf(where: Where) {
  const loaded = load(whereOf(where), false)
  if ('config' in loaded) return openApi(loaded.config)
  return { why: problemsIn(loaded), code: EXIT_WRONG }
}

/** The configuration whose tokens a service knows, or why there is none. */
export function configToSign(where: Where): ReturnType<TokenParts['load']> {
  const loaded = load(whereOf(where), false)
  if (!('config' in loaded)) return { why: problemsIn(loaded), code: EXIT_WRONG }
  const { evaluation, store } = loaded.config
  if (!evaluation || existsSync(evaluation.secretsFile)) return loaded.config
  const why = `No service was ever started in ${folderShown(store)}, so no token for it can be made. ${START_OR_NAME}`
  return { why, code: EXIT_STORE }
}

const folderShown = ({ folder }: { readonly folder: string }): string => relative(io.cwd, folder) || folder
const START_OR_NAME = 'Start it with npm start, or name its folder with --data.'

/** The first problem, and where all of them are shown. */
export function problemsIn({ problems }: { readonly problems: readonly ConfigProblem[] }): string {
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return `The configuration cannot be used: ${first?.what ?? ''}${more} "support-relay check" shows where, and how to mend it.`
}

/** The exit code and the sentence for an error that says what to do; undefined for a mistake of ours. */
export function refusal(error: unknown) {
  if (error instanceof FolderRefused || error instanceof DatabaseRefused)
    return { code: EXIT_STORE, sentence: error.message }
  if (error instanceof AddressRefused) return { code: EXIT_ADDRESS, sentence: error.message }
  if (error instanceof MoveUnfinished) return { code: EXIT_UNFINISHED, sentence: error.message }
  if (error instanceof BackupRefused) return { code: EXIT_BACKUP, sentence: error.message }
  return undefined
}

/** A sign-in link of the evaluation mode, or why there is none. */
export function newLink(where: Where, role: 'USER' | 'ADMIN') {
  const loaded = load(whereOf(where), false)
  if (!('config' in loaded)) return { why: problemsIn(loaded) }
  const { evaluation, store } = loaded.config
  if (!evaluation)
    return {
      why: 'Sign-in links exist in the evaluation mode only; with a configuration people sign in at the platform.',
    }
  const service = announcedService(store.folder)
  if (service === undefined) {
    return { why: `No service runs in ${folderShown(store)}. ${START_OR_NAME}` }
  }
  return {
    url: loginUrl(service.address, { secret: evaluation.loginSecret, role, now: Date.now(), randomBytes: bytes }),
  }
}
