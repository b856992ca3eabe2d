/** The real program under `strace`, flooded with tickets over loopback while a receiver takes their deliveries. */
import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startReceiver } from '../support/receiver.ts'
import { post, startProgram } from '../support/service.ts'
import { twoHooks } from '../support/two-hooks.ts'
import { readTrace, type Step, TRACED } from './trace.ts'

const CONNECTIONS = 32
/** Most messages are short; so many, spread evenly, fill pages of their own and carry the log past its checkpoint (16 MiB). */
const LONG_COUNT = 190
const LONG_UNITS = 72_000

export type Flooded = {
  readonly steps: readonly Step[]
  /** What the client was told: each ticket's id by the mark in its subject. */
  readonly told: ReadonlyMap<string, string>
  readonly dataFolder: string
}

/** The mark of the nth ticket: it stands near the beginning of the stored row, so never on an overflow page. */
export const markOf = (nth: number): string => `mark-${String(nth).padStart(6, '0')}`

/** @param fault what the kernel is made to answer falsely, in strace's words */
export const flood = async (count: number, fault?: string): Promise<Flooded> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'support-relay-power-')))
  const receiver = await startReceiver()
  try {
    const config = join(folder, 'support-relay.yaml')
    writeFileSync(config, twoHooks(receiver.url))
    const [trace, dataFolder] = [join(folder, 'trace'), join(folder, 'data')]
    // -s: a page, or the head of an answer. -D: the program stays our child, and gets our signals itself.
    const tracer = ['strace', '-D', '-f', '--seccomp-bpf', '-y', '-s', '4096', '-o', trace, '-e', `trace=${TRACED}`]
    const service = await startProgram(
      ['serve', '--config', config, '--data', dataFolder],
      folder,
      fault ? [...tracer, '-e', `inject=${fault}`] : tracer,
    )
    try {
      const told = await tell(service.address, count)
      assert.equal(await service.end('SIGTERM'), 0)
      return { steps: await readTrace(trace, dataFolder), told, dataFolder }
    } catch (error) {
      await service.end('SIGKILL')
      throw error
    }
  } finally {
    await receiver.close()
    rmSync(folder, { recursive: true })
  }
}

/** Posts from many connections until so many tickets were answered 200. A disk that is slow for others' sake may refuse some. */
const tell = async (address: string, count: number): Promise<Map<string, string>> => {
  const told = new Map<string, string>()
  const longEvery = Math.ceil(count / LONG_COUNT)
  let sent = 0
  const connection = async () => {
    while (told.size < count) {
      const subject = markOf(sent)
      const message = `${subject} `.repeat(sent % longEvery === 0 ? LONG_UNITS / 12 : 4)
      sent += 1
      const answer = await post(address, { subject, message })
      const { errorCode } = await answer.json()
      if (answer.status === 200) told.set(subject, answer.headers.get('ticket-id') ?? '')
      else assert.match(errorCode, /^(STORE_UNAVAILABLE|OUTCOME_UNKNOWN)$/)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  return told
}

/** How often the database itself was synced between the first answer and the last. */
export const checkpoints = (steps: readonly Step[]): number => {
  const isAnswer = ({ happened }: Step) => happened.kind === 'answer'
  return steps
    .slice(steps.findIndex(isAnswer), steps.findLastIndex(isAnswer))
    .filter(({ happened, phase }) => happened.kind === 'sync' && phase === 'done' && happened.path.endsWith('.db'))
    .length
}
