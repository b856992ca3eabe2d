/** What the stand-in for Slack has received, and how it is to answer. Kept as JSON lines in the data folder, one written before
 *  each answer, so that a killed process finds its page again. User text lies in that one file only. */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { read } from '../api/read.ts'
import { count, instant, list, nullable, type Of, type OfFields, object, oneOf, optional, text } from '../api/schema.ts'
import type { Json } from '../api/ticket.ts'

/** Landed messages that are kept; the oldest go first. */
const LANDED_MAX = 200
/** Attempts kept of one message: the first and the newest. */
const ATTEMPTS_MAX = 500
/** Lines after which the file is written anew with only what counts. */
const LINES_MAX = 2_000
const DOWN_ATTEMPTS = 3
const PAUSE_MS = 30_000

const landedShape = {
  destination: text('Where it landed.'),
  delivery: text("The delivery's id: the same on every attempt."),
  attempts: list(
    object({ at: instant('When it came.'), status: nullable(count('How it was answered; null for silence.')) }),
    'Every time it came.',
    { minItems: 1 },
  ),
  bytes: count('How large it was.'),
}
/** The payload is whatever came as JSON, so it is not looked at. */
export type LandedRecord = OfFields<typeof landedShape> & { readonly payload: Json }

export const modeNames = ['well', 'down', 'pause', 'silent', 'gone'] as const
export type ModeName = (typeof modeNames)[number]
const modeShape = object({
  kind: oneOf(modeNames, 'How the stand-in answers.'),
  attemptsLeft: optional(count('While down: so many more are refused.')),
  until: optional(instant('While it asks for a pause: when that ends.')),
})
export type Mode =
  | { readonly kind: 'well' | 'silent' | 'gone' }
  | { readonly kind: 'down'; readonly attemptsLeft: number }
  | { readonly kind: 'pause'; readonly until: number }

const landedLine = object({ kind: oneOf(['landed'], 'A message.'), ...landedShape }, { isOpen: true })
const modeLine = object({ kind: oneOf(['mode'], 'A change of mode.'), mode: modeShape })
type Line = ({ readonly kind: 'landed' } & LandedRecord) | { readonly kind: 'mode'; readonly mode: Mode }

/** How one request is to be answered. */
export type Reaction =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly retryAfterSeconds?: number }
  | { readonly kind: 'silence' }

export type Received = Pick<LandedRecord, 'destination' | 'delivery' | 'payload' | 'bytes'>

export type EvaluationInbox = {
  /** Records the attempt and says how to answer it. The record is written before this returns. */
  receive(received: Received, now: number): Reaction
  mode(now: number): Mode
  setMode(name: ModeName, now: number): void
  /** Newest first. */
  landed(): readonly LandedRecord[]
  /** Another text whenever anything changed, in this life of the process. */
  revision(): string
}

/** Opens `<folder>/evaluation-inbox.jsonl`; lines that cannot be read (a torn last one) are left out. The folder must exist. */
export const openEvaluationInbox = (folder: string): EvaluationInbox => {
  const file = join(folder, 'evaluation-inbox.jsonl')
  const known = new Map<string, LandedRecord>()
  let current: Mode = { kind: 'well' }
  let lineCount = 0
  let changes = 0

  for (const read of readLines(file)) {
    if (read.kind === 'mode') current = read.mode
    else keep(known, attemptsAdded(known.get(keyOf(read)), read))
  }
  compact()

  function compact(): void {
    const lines = [...known.values()].map(record => JSON.stringify({ kind: 'landed', ...record }))
    lines.push(JSON.stringify({ kind: 'mode', mode: current }))
    writeFileSync(`${file}.new`, `${lines.join('\n')}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file)
    lineCount = lines.length
  }

  function append(entry: Line): void {
    appendFileSync(file, `${JSON.stringify(entry)}\n`)
    changes++
    if (++lineCount > LINES_MAX) compact()
  }

  function take(next: Mode): void {
    current = next
    append({ kind: 'mode', mode: next })
  }

  return {
    receive(received, now) {
      const { reaction, next } = react(modeAt(current, now), now)
      const status = reaction.kind === 'answer' ? reaction.status : null
      const entry = { ...received, attempts: [{ at: now, status }] }
      keep(known, attemptsAdded(known.get(keyOf(entry)), entry))
      append({ kind: 'landed', ...entry })
      if (next) take(next)
      return reaction
    },
    mode: now => modeAt(current, now),
    setMode(name, now) {
      take(newMode(name, now))
    },
    landed: () => [...known.values()].reverse(),
    revision: () => String(changes),
  }
}

const keyOf = ({ destination, delivery }: { destination: string; delivery: string }): string =>
  `${destination} ${delivery}`

const keep = (known: Map<string, LandedRecord>, record: LandedRecord): void => {
  known.set(keyOf(record), record)
  const [oldest] = known.keys()
  if (known.size > LANDED_MAX && oldest !== undefined) known.delete(oldest)
}

/** What was known with the attempts of `more` after its own; the newest payload counts. */
const attemptsAdded = (before: LandedRecord | undefined, more: LandedRecord): LandedRecord => {
  const attempts = [...(before?.attempts ?? []), ...more.attempts]
  if (attempts.length > ATTEMPTS_MAX) attempts.splice(1, attempts.length - ATTEMPTS_MAX)
  const { destination, delivery, payload, bytes } = more
  return { destination, delivery, attempts, payload, bytes }
}

const newMode = (name: ModeName, now: number): Mode => {
  switch (name) {
    case 'down':
      return { kind: 'down', attemptsLeft: DOWN_ATTEMPTS }
    case 'pause':
      return { kind: 'pause', until: now + PAUSE_MS }
    default:
      return { kind: name }
  }
}

/** A pause ends by itself; a clock that went back does not make it longer. */
const modeAt = (mode: Mode, now: number): Mode =>
  mode.kind === 'pause' && (mode.until <= now || mode.until > now + PAUSE_MS) ? { kind: 'well' } : mode

const react = (mode: Mode, now: number): { reaction: Reaction; next?: Mode } => {
  switch (mode.kind) {
    case 'well':
      return { reaction: { kind: 'answer', status: 200, body: 'ok' } }
    case 'down': {
      const left = mode.attemptsLeft - 1
      const reaction = { kind: 'answer', status: 503, body: 'service_unavailable' } as const
      return { reaction, next: left > 0 ? { kind: 'down', attemptsLeft: left } : { kind: 'well' } }
    }
    case 'pause':
      return {
        reaction: {
          kind: 'answer',
          status: 429,
          body: 'rate_limited',
          retryAfterSeconds: Math.ceil((mode.until - now) / 1_000),
        },
      }
    case 'silent':
      return { reaction: { kind: 'silence' } }
    case 'gone':
      return { reaction: { kind: 'answer', status: 404, body: 'no_service' } }
  }
}

function* readLines(file: string): Generator<Line> {
  for (const written of readOrEmpty(file).split('\n')) {
    const line = lineFrom(parseOrUndefined(written))
    if (line) yield line
  }
}

const lineFrom = (parsed: unknown): Line | undefined => {
  const landed = read(landedLine, parsed)
  if ('value' in landed) {
    const { payload } = parsed as { payload?: Json } // whatever a line held came out of JSON.parse
    return payload === undefined ? undefined : { ...landed.value, payload }
  }
  const line = read(modeLine, parsed)
  const mode = 'value' in line ? modeFrom(line.value.mode) : undefined
  return mode && { kind: 'mode', mode }
}

const modeFrom = ({ kind, attemptsLeft, until }: Of<typeof modeShape>): Mode | undefined => {
  if (kind === 'down') return attemptsLeft === undefined ? undefined : { kind, attemptsLeft }
  if (kind === 'pause') return until === undefined ? undefined : { kind, until }
  return { kind }
}

const readOrEmpty = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

const parseOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
