/** What Patroni tells of itself, and what of it costs acknowledged tickets. Its answers are read as its versions 3.0 to 4.0 give them. */
import type { Finding } from './finding.ts'

/** Before it, a primary that had been frozen took the lock back, and what was acknowledged meanwhile was lost (docs/scaling.md). */
const OLDEST = [3, 1] as const
/** As Patroni takes it where it is not set, in seconds. */
const START_TIMEOUT = 300

/** @param status the JSON of `GET /patroni` @param settings the JSON of `GET /config` */
export const findingsOfPatroni = (status: unknown, settings: unknown): readonly Finding[] => [
  ...ofVersion(textAt(at(at(status, 'patroni'), 'version'))),
  ...SWITCHES.filter(({ key }) => !isOn(at(settings, key))).map(({ key, why }) =>
    warning(key, why, setting(key, true)),
  ),
  ...ofStartTimeout(at(settings, 'primary_start_timeout') ?? at(settings, 'master_start_timeout') ?? START_TIMEOUT),
]

const ofVersion = (version: string): readonly Finding[] => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined)
    return [warning('patroni', 'What answers tells no version of Patroni.', 'Name the address of its REST API.')]
  const isOld = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1])
  if (!isOld) return []
  const what = `Patroni is version ${version}: on etcd v3 a frozen primary takes its lock back, and acknowledged tickets are lost.`
  return [{ severity: 'refused', subject: 'patroni', what, fix: `Upgrade Patroni to ${OLDEST.join('.')} or later.` }]
}

const SWITCHES = [
  {
    key: 'synchronous_mode',
    why: 'synchronous_mode is off: a COMMIT waits for no standby, so a fail-over loses acknowledged tickets.',
  },
  {
    key: 'synchronous_mode_strict',
    why: 'synchronous_mode_strict is off: for seconds after a fail-over, and while no standby is left, tickets are acknowledged with one copy.',
  },
  {
    key: 'failsafe_mode',
    why: 'failsafe_mode is off: the primary steps down whenever the majority of etcd is away, and no ticket is taken meanwhile.',
  },
] as const

const ofStartTimeout = (seconds: unknown): readonly Finding[] => {
  if (Number(seconds) === 0) return []
  const key = 'primary_start_timeout'
  const why = `${key} is ${seconds} s: a PostgreSQL that crashed is waited for that long before a standby takes over.`
  return [warning(key, why, setting(key, 0))]
}

const setting = (key: string, value: unknown) => `Run: patronictl edit-config -s ${key}=${value}`

const warning = (subject: string, what: string, fix: string): Finding => ({ severity: 'warning', subject, what, fix })

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key] // has it, as was just seen
    : undefined

const textAt = (value: unknown): string => (typeof value === 'string' ? value : '')

/** As Patroni reads it; `quorum` is a mode of its own since version 4. */
const isOn = (value: unknown): boolean => /^(true|on|yes|1|quorum)$/i.test(String(value))
