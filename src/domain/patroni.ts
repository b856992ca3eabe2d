/** What Patroni tells of itself, and what of it costs acknowledged tickets. Its answers are read as its versions 3.0 to 4.0 give them. */
import type { Finding } from './finding.ts'
import type { Answer } from './outcome.ts'

/** Before it, a primary that had been frozen took the lock back, and what was acknowledged meanwhile was lost (docs/scaling.md). */
const OLDEST = [3, 1] as const
/** As Patroni takes it where it is not set, in seconds. */
const START_TIMEOUT = 300
const NAME = 'primary_start_timeout'
/** The only one before `RENAMED`; read where the other one is not set since. */
const OLDER_NAME = 'master_start_timeout'
const RENAMED = [3, 0] as const
/** Its configuration has one of them at least; other programs that answer with JSON do not. */
const MARKS = ['ttl', 'loop_wait', 'retry_timeout', 'maximum_lag_on_failover', 'postgresql', 'synchronous_mode']

/** @param status what `GET /patroni` was answered with @param config what `GET /config` was answered with; only a configuration of Patroni's is judged */
export const findingsOfPatroni = (status: Answer, config: Answer): readonly Finding[] => {
  const version = versionOf(status)
  const settings = settingsOf(config)
  if (typeof settings === 'string') return [unread(version, settings), ...ofVersion(version)]
  return [
    ...(version ? ofVersion(version) : [warning('patroni', 'What answers tells no version of Patroni.', ADDRESS)]),
    ...SWITCHES.filter(({ key }) => !isOn(at(settings, key))).map(({ key, why }) =>
      warning(key, why, setting(key, true)),
    ),
    ...ofStartTimeout(version, settings),
  ]
}

/** For whoever named another one. */
export const ADDRESS = 'Name the address of its REST API, as `restapi.connect_address` of its configuration has it.'

type Version = { readonly text: string; readonly major: number; readonly minor: number }

/** Patroni answers with 503 and the same document while its PostgreSQL does not run. */
const versionOf = (status: Answer): Version | undefined => {
  const told = at(at(jsonOf(status), 'patroni'), 'version')
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(String(told)) ?? []
  return major === undefined ? undefined : { text: String(told), major: Number(major), minor: Number(minor) }
}

/** The settings, or in words why they could not be read. */
const settingsOf = (config: Answer): object | string => {
  if (config.kind === 'no-answer') return config.detail
  if (config.status !== 200) return `status ${config.status}.`
  const settings = jsonOf(config)
  const isPatronis =
    typeof settings === 'object' && settings !== null && MARKS.some(key => Object.hasOwn(settings, key))
  return isPatronis ? settings : 'what was answered is no configuration of Patroni.'
}

const unread = (version: Version | undefined, why: string): Finding => {
  const who = version ? 'Patroni answers' : 'What answers tells no version of Patroni'
  const fix = `${ADDRESS} Whoever asks there for /config has to be answered without a login.`
  return warning('patroni', `${who}, and its configuration could not be read: ${why}`, fix)
}

const isBefore = ({ major, minor }: Version, [ofMajor, ofMinor]: readonly [number, number]): boolean =>
  major < ofMajor || (major === ofMajor && minor < ofMinor)

const ofVersion = (version: Version | undefined): readonly Finding[] => {
  if (!version || !isBefore(version, OLDEST)) return []
  const what = `Patroni is version ${version.text}: on etcd v3 a frozen primary takes its lock back, and acknowledged tickets are lost.`
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

const ofStartTimeout = (version: Version | undefined, settings: object): readonly Finding[] => {
  const names = version && isBefore(version, RENAMED) ? [OLDER_NAME] : [NAME, OLDER_NAME]
  const key = names.find(name => Object.hasOwn(settings, name)) ?? names[0] ?? NAME
  const seconds = at(settings, key) ?? START_TIMEOUT
  if (Number(seconds) === 0) return []
  const why = `${key} is ${seconds} s: a PostgreSQL that crashed is waited for that long before a standby takes over.`
  return [warning(key, why, setting(key, 0))]
}

const setting = (key: string, value: unknown) => `Run: patronictl edit-config -s ${key}=${value}`

const warning = (subject: string, what: string, fix: string): Finding => ({ severity: 'warning', subject, what, fix })

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key] // has it, as was just seen
    : undefined

const jsonOf = (answer: Answer): unknown => {
  if (answer.kind === 'no-answer') return undefined
  try {
    return JSON.parse(answer.body)
  } catch {
    return undefined
  }
}

/** As Patroni reads it; `quorum` is a mode of its own since version 4. */
const isOn = (value: unknown): boolean => /^(true|on|yes|1|quorum)$/i.test(String(value))
