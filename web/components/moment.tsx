/** A moment, in UTC with its zone, as the server cannot know the reader's; client/enhance.ts turns it into local time. */

type MomentProps = {
  /** Milliseconds since 1970. */
  readonly at: number
  /** The day is named when it is another one than now. */
  readonly now: number
  readonly seconds?: boolean
}

export const Moment = ({ at, now, seconds = false }: MomentProps) => (
  <time dateTime={new Date(at).toISOString()} data-local={seconds ? 'second' : 'minute'}>
    {showMoment(at, now, seconds)}
  </time>
)

const DAY_MS = 86_400_000

const showMoment = (at: number, now: number, seconds: boolean): string => {
  const sameDay = Math.floor(at / DAY_MS) === Math.floor(now / DAY_MS)
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: 'UTC',
    timeZoneName: 'short',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
    ...(!sameDay && { day: 'numeric', month: 'long' }),
  }).format(at)
}

/** "38 ms", "1.2 s", "7 s", "3 min", "2 h". */
export const showDuration = (ms: number): string => {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1).replace(/\.0$/, '')} s`
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`
  return `${Math.round(ms / 3_600_000)} h`
}
