/** What the cluster is made of, all of it Debian's: where it is, and what is missing, with the command that brings it. */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { User } from './processes.ts'

export const PYTHON = '/usr/bin/python3'
export const ETCD = '/usr/bin/etcd'
/** Where unpack-patroni.sh puts it: pure Python, so that Debian 12 runs Debian 13's. */
const CACHE = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
const UNPACKED = join(CACHE, 'support-relay/patroni/usr/lib/python3/dist-packages')
const UNPACK = 'sh test/cluster/unpack-patroni.sh'
const INSTALL = 'apt-get install --no-install-recommends'
/** What Patroni imports, by the package that holds it. */
const MODULES = {
  psycopg2: 'python3-psycopg2',
  etcd: 'python3-etcd',
  yaml: 'python3-yaml',
  psutil: 'python3-psutil',
  dateutil: 'python3-dateutil',
  urllib3: 'python3-urllib3',
  click: 'python3-click',
  prettytable: 'python3-prettytable',
}
/** Before it a primary that was frozen takes its lock back with etcd v3, and what was acknowledged meanwhile is lost. */
const OLDEST = [3, 1]

/** A Python on PATH that is not Debian's would not find what Debian installed. */
export const CLEAN_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' }

export type Parts = {
  /** Of the newest PostgreSQL there is. */
  readonly postgres: string
  /** A folder that Python must be told of; null for Debian's own place. */
  readonly patroni: string | null
  readonly versions: string
  /** PostgreSQL refuses to run as root. */
  readonly user: User
}

/** Everything, or what to do about what is missing. */
export const findParts = (): Parts | { readonly missing: readonly string[] } => {
  const missing: string[] = []
  const postgres = globSync('/usr/lib/postgresql/*/bin')
    .filter(folder => versionOf(folder)[0] >= 15 && existsSync(join(folder, 'initdb')))
    .toSorted((a, b) => versionOf(b)[0] - versionOf(a)[0])[0]
  if (!postgres) missing.push(`PostgreSQL 15 or newer: ${INSTALL} postgresql`)
  if (!existsSync(ETCD)) missing.push(`etcd: ${INSTALL} etcd-server`)
  const modules = Object.entries(MODULES).filter(([module]) => python(`import ${module}`) === undefined)
  if (modules.length > 0) missing.push(`for Patroni: ${INSTALL} ${modules.map(([, name]) => name).join(' ')}`)
  const patroni = existsSync(UNPACKED) ? UNPACKED : null
  const version = python('from patroni.version import __version__ as v; print(v)', patroni)
  if (version === undefined) missing.push(`Patroni: ${INSTALL} patroni (Debian 13), or ${UNPACK} (Debian 12)`)
  else if (isOlder(version))
    missing.push(
      `Patroni ${version} is refused: with etcd v3 it loses what was acknowledged when a frozen primary comes back. ` +
        `It takes ${OLDEST.join('.')} or newer: ${UNPACK}`,
    )
  if (!postgres || missing.length > 0) return { missing }
  const versions = [said(join(postgres, 'postgres'), '--version'), `Patroni ${version}`, said(ETCD, '--version')]
  return { postgres, patroni, versions: versions.join(', '), user: serviceUser() }
}

const versionOf = (text: string): [number, number] => {
  const [, major = '0', minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(text) ?? []
  return [Number(major), Number(minor)]
}

export const isOlder = (version: string): boolean => {
  const [major, minor] = versionOf(version)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
}

/** What the program prints; undefined when it fails. */
const python = (program: string, path: string | null = null): string | undefined => {
  const env = { ...CLEAN_ENV, ...(path && { PYTHONPATH: path }) }
  const { status, stdout } = spawnSync(PYTHON, ['-c', program], { env, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

const said = (program: string, option: string): string =>
  spawnSync(program, [option], { encoding: 'utf8' }).stdout.split('\n')[0]?.replace(' Version:', '') ?? ''

const serviceUser = (): User => {
  if (process.getuid?.() !== 0) return {}
  const idOf = (option: string, name: string) => spawnSync('/usr/bin/id', [option, name], { encoding: 'utf8' })
  const name = idOf('-u', 'postgres').status === 0 ? 'postgres' : 'nobody'
  return { uid: Number(idOf('-u', name).stdout), gid: Number(idOf('-g', name).stdout) }
}
