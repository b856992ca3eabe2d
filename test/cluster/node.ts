/** One machine of the cluster: a Patroni with its PostgreSQL. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execute, inside, signalOne } from './processes.ts'
import { CLEAN_ENV, type Parts, PYTHON } from './requirements.ts'

export type Node = {
  readonly name: string
  readonly port: number
  readonly restPort: number
  /** All that runs on it works here. */
  readonly folder: string
}

export type Surroundings = {
  readonly parts: Parts
  readonly etcd: readonly string[]
  readonly logs: string
  readonly passwords: { readonly superuser: string; readonly replication: string; readonly rewind: string }
}

export const startNode = (node: Node, { parts, logs }: Surroundings): void => {
  execute({
    program: PYTHON,
    args: ['-m', 'patroni', join(node.folder, 'patroni.yml')],
    folder: node.folder,
    log: join(logs, `${node.name}.log`),
    env: { ...CLEAN_ENV, HOME: node.folder, ...(parts.patroni && { PYTHONPATH: parts.patroni }) },
    user: parts.user,
  })
}

/** Ends PostgreSQL's first process as a crash would; Patroni lives. */
export const killPostmaster = (node: Node): void => {
  const [pid] = readFileSync(join(node.folder, 'data', 'postmaster.pid'), 'utf8').split('\n')
  signalOne(Number(pid), 'SIGKILL')
}

/** What runs there beside PostgreSQL. */
export const patroniOf = ({ folder }: Pick<Node, 'folder'>): number[] => {
  const database = new Set(inside(join(folder, 'data')))
  return inside(folder).filter(pid => !database.has(pid))
}

export type State = {
  readonly role: string
  readonly isPrimary: boolean
  readonly isSync: boolean
  readonly isStreaming: boolean
  readonly timeline: number
}

/** What its Patroni says; undefined when it does not answer. */
export const stateOf = async ({ restPort }: Node): Promise<State | undefined> => {
  const ask = (path: string) => fetch(`http://127.0.0.1:${restPort}${path}`, { signal: AbortSignal.timeout(2_000) })
  try {
    const [holdsLock, answer] = await Promise.all([ask('/primary'), ask('/patroni')])
    await holdsLock.body?.cancel()
    const { state, role, timeline, sync_standby, replication_state } = (await answer.json()) as Record<string, unknown>
    return {
      role: `${role} ${state}`,
      isPrimary: holdsLock.status === 200,
      isSync: sync_standby === true,
      isStreaming: replication_state === 'streaming',
      timeline: Number(timeline),
    }
  } catch {
    return undefined
  }
}

/** The settings under which nothing acknowledged is lost (docs/guarantees.md): two copies or no answer, and the fastest fail-over that Patroni allows. */
export const configure = (node: Node, { parts, etcd, passwords }: Surroundings): void => {
  const at = (port: number) => `127.0.0.1:${port}`
  const settings = {
    scope: 'relay',
    name: node.name,
    restapi: { listen: at(node.restPort), connect_address: at(node.restPort) },
    etcd3: { hosts: etcd },
    bootstrap: {
      dcs: {
        ttl: 20,
        loop_wait: 2,
        retry_timeout: 5,
        primary_start_timeout: 0,
        maximum_lag_on_failover: 1_048_576,
        synchronous_mode: true,
        synchronous_mode_strict: true,
        failsafe_mode: true,
        postgresql: {
          use_pg_rewind: true,
          use_slots: true,
          parameters: {
            max_connections: 100,
            synchronous_commit: 'on',
            wal_keep_size: '256MB',
            tcp_user_timeout: 10_000,
            tcp_keepalives_idle: 10,
          },
        },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
    },
    postgresql: {
      listen: at(node.port),
      connect_address: at(node.port),
      data_dir: join(node.folder, 'data'),
      bin_dir: parts.postgres,
      pgpass: join(node.folder, 'pgpass'),
      parameters: { unix_socket_directories: node.folder },
      pg_hba: [
        'local all all trust',
        'host all all 127.0.0.0/8 scram-sha-256',
        'host replication replicator 127.0.0.0/8 scram-sha-256',
      ],
      authentication: {
        superuser: { username: 'postgres', password: passwords.superuser },
        replication: { username: 'replicator', password: passwords.replication },
        rewind: { username: 'rewinder', password: passwords.rewind },
      },
    },
  }
  // JSON is YAML as well.
  writeFileSync(join(node.folder, 'patroni.yml'), JSON.stringify(settings, null, 2), { mode: 0o600 })
}
