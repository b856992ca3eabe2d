/** The destinations of a configuration file. Which kinds there are comes in as an argument. */
import { type Destination, type DestinationKind, type RedactedField, redactedFields } from '../domain/destination.ts'
import { defaultRedaction } from '../domain/redaction.ts'
import { condition, conditionKeys } from './conditions.ts'
import { type Found, isSafeName } from './document.ts'
import { groupEntries, optional, readKeys, required, section, type Type } from './keys.ts'
import { didYouMean } from './nearest.ts'
import { caFile, noFiles, type ReadFile } from './network.ts'
import { parseDuration, parseRate } from './pace.ts'
import type { Findings } from './problem.ts'
import { readSettings } from './settings.ts'
import { oneOf, oneOrMore, parsed, scalarOf, shown, wholeNumber } from './types.ts'

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
const TIMEOUT_MAX_MS = 15_000
const TIMEOUT_MIN_MS = 100

/** Stands for "not given": the kind says it. */
const ofTheKind = 'kind' as const
const redaction = oneOrMore(oneOf([...redactedFields, 'none'] as const))

/** What every destination has, whatever its kind. */
export const destinationKeys = (kinds: readonly DestinationKind[], read: ReadFile = noFiles) => ({
  kind: required(kindOf(kinds), { meaning: 'What sort of service it is.', example: 'slack' }),
  rate: optional(parsed('a rate', '1/s, 5/2s, 100/h or none', parseRate), ofTheKind, {
    meaning: 'At most so many requests in so much time; `none` is no limit of ours.',
    shown: "the kind's",
  }),
  concurrency: optional(wholeNumber(1, 1_000), ofTheKind, {
    unit: 'requests',
    meaning: 'Requests under way at once.',
    shown: "the kind's",
  }),
  timeout: optional(parsed('a duration from 100ms to 15s', '15s or 500ms', parseTimeout), TIMEOUT_MAX_MS, {
    meaning: 'Deadline of one attempt, all its requests and reading the answers included.',
    shown: '15s',
  }),
  caFile: optional(caFile(read), null, {
    meaning: 'A file of certificates (PEM) that are trusted here, beside the usual ones and those of `network.caFile`.',
    example: '/etc/ssl/own-authority.pem',
  }),
  when: optional(section(conditionKeys), null, {
    meaning:
      'Which of the tickets that a route sends here it takes, with the conditions of a route. What it does not take goes to the others.',
    shown: 'every ticket',
  }),
  redact: optional(redaction, ofTheKind, {
    meaning:
      'What is left out of everything that goes there; `email` also takes every e-mail address out of the texts, and `project` the id of the project.',
    shown: 'none; `[email, project, name, userAgent]` for github and gitlab',
  }),
})

export const destinations = (kinds: readonly DestinationKind[], readFile: ReadFile): Type<readonly Destination[]> => ({
  form: 'a group of destinations, each under its name',
  read(found, findings) {
    const entries = groupEntries(found, findings)
    if (entries === undefined) return undefined
    if (entries.size === 0)
      findings.problem(found.place, 'There is no destination, so nobody would see a ticket.', 'Add one.')
    const read = [...entries].map(([name, { keyPlace, value }]) => {
      const isNamed = NAME.test(name)
      if (!isNamed) {
        const what = `${isSafeName(name) ? `"${name}"` : 'What stands here'} cannot be the name of a destination.`
        findings.problem(keyPlace, what, 'Use 1 to 63 small letters, digits and hyphens, not a hyphen first.')
      }
      const destination = readDestination(name, value, { kinds, readFile }, findings)
      return isNamed ? destination : undefined
    })
    const sound = read.filter(destination => destination !== undefined)
    return sound.length === read.length && sound.length > 0 ? sound : undefined
  },
})

const readDestination = (
  name: string,
  found: Found,
  { kinds, readFile }: { readonly kinds: readonly DestinationKind[]; readonly readFile: ReadFile },
  findings: Findings,
): Destination | undefined => {
  const common = destinationKeys(kinds, readFile)
  const kind = knownKind(found, kinds)
  // Without a kind nobody knows which other keys are right, so none of them is called wrong.
  const others = kind ? Object.keys(kind.settings) : found.kind === 'group' ? [...found.entries.keys()] : []
  const values = readKeys(common, found, findings, others)
  // Both are read in any case, so that all problems are told at once.
  const settings = kind && found.kind === 'group' ? readSettings(kind, found, findings, allNames(found)) : undefined
  if (values === undefined || settings === undefined) return undefined
  return {
    name,
    kind: values.kind,
    settings,
    rate: values.rate === ofTheKind ? values.kind.rate : values.rate,
    concurrency: values.concurrency === ofTheKind ? values.kind.concurrency : values.concurrency,
    timeoutMs: values.timeout,
    ...(values.caFile && { ca: values.caFile.pem }),
    ...(values.when && { when: condition(values.when) }),
    redact: redactionOf(values.redact, values.kind),
  }
}

const redactionOf = (
  asked: readonly (RedactedField | 'none')[] | 'kind',
  kind: DestinationKind,
): readonly RedactedField[] => (asked === ofTheKind ? defaultRedaction(kind) : asked.filter(field => field !== 'none'))

/** Unknown keys were told when the common ones were read. */
const allNames = (found: Found & { readonly kind: 'group' }) => [...found.entries.keys()]

/** The kind that is named, if it is one that may be, without telling anything. */
const knownKind = (found: Found, kinds: readonly DestinationKind[]): DestinationKind | undefined => {
  const named = found.kind === 'group' ? found.entries.get('kind')?.value : undefined
  return named?.kind === 'scalar'
    ? kinds.find(({ kind, evaluationOnly }) => kind === named.value && evaluationOnly !== true)
    : undefined
}

function kindOf(kinds: readonly DestinationKind[]): Type<DestinationKind> {
  const names = kinds.filter(kind => kind.evaluationOnly !== true).map(kind => kind.kind)
  const form = `one of ${names.join(', ')}`
  return {
    form,
    read(found, findings) {
      const scalar = scalarOf(found, form, findings)
      if (scalar === undefined) return undefined
      const kind = kinds.find(known => known.kind === scalar.value)
      if (kind === undefined) {
        const guess = scalar.isInserted ? '' : didYouMean(String(scalar.value), names)
        findings.problem(found.place, `${shown(scalar)} is not a known kind of destination.`, `Write ${form}.${guess}`)
        return undefined
      }
      if (kind.evaluationOnly !== true) return kind
      findings.problem(found.place, `"${kind.kind}" exists in the evaluation mode only.`, `Write ${form}.`)
      return undefined
    },
  }
}

function parseTimeout(text: string): number | undefined {
  const ms = parseDuration(text)
  return ms !== undefined && ms >= TIMEOUT_MIN_MS && ms <= TIMEOUT_MAX_MS ? Math.round(ms) : undefined
}
