/** `support-relay destinations list|test|pause|resume`: how the destinations fare, and a hand on them. */
import { adviceOnTest, oneLine } from '../app.ts'
import { type CallParts, makeCall, momentShown } from './call.ts'
import { EXIT_OK, type Io } from './io.ts'
import { EXIT_FAILED } from './serve.ts'
import { table } from './table.ts'

export type DestinationOptions = { readonly json?: boolean }
type View = {
  readonly name: string
  readonly kind: string | null
  readonly state: string
  readonly reason: string | null
  readonly pending: number
  readonly dead: number
  readonly nextAttemptAt: number | null
}
type Tested = Parameters<typeof adviceOnTest>[0]

export const listDestinations = (options: DestinationOptions, io: Io, parts: CallParts): Promise<number> =>
  makeCall(
    { method: 'GET', path: '/api/support/browseDestinations', fields: {} },
    options,
    io,
    parts,
    ({ items }: { readonly items: readonly View[] }) => ({
      lines:
        items.length === 0
          ? ['There is none yet: the first start of the service makes them known.']
          : table(items.map(rowOf)),
    }),
  )

/** Exit code 1 where the receiver did not take the message. */
export const testDestination = (name: string, options: DestinationOptions, io: Io, parts: CallParts): Promise<number> =>
  makeCall(post('testDestination', name), options, io, parts, (tested: Tested) => {
    const { outcome, status, excerpt } = tested
    const advice = adviceOnTest(tested)
    const answer = `${status === null ? 'no answer' : `status ${status}`}${excerpt ? `: ${oneLine(excerpt)}` : ''}`
    return outcome === 'DELIVERED'
      ? { lines: [`${name} took a test message (${answer}).`], code: EXIT_OK }
      : {
          lines: [
            `${name} did not take the test message: ${outcome}, ${answer.replace(/\.$/, '')}.`,
            ...(advice ? [advice] : []),
          ],
          code: EXIT_FAILED,
        }
  })

export const steerDestination = (
  name: string,
  order: 'pause' | 'resume',
  options: DestinationOptions,
  io: Io,
  parts: CallParts,
): Promise<number> =>
  makeCall(post(`${order}Destination`, name), options, io, parts, (view: View) => ({ lines: table([rowOf(view)]) }))

const post = (call: string, name: string) =>
  ({ method: 'POST', path: `/api/support/${call}`, fields: { name } }) as const

const rowOf = ({ name, kind, state, reason, pending, dead, nextAttemptAt }: View): readonly string[] => [
  name,
  kind ?? '',
  state,
  reason ?? '',
  `${pending} pending`,
  `${dead} dead`,
  nextAttemptAt === null ? '' : `next ${momentShown(nextAttemptAt)}`,
]
