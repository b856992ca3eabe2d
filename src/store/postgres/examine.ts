/** How a server is set, as far as what we promise depends on it. What only others could answer is not asked. */
import type { Finding } from '../../domain/finding.ts'
import { type Row, text } from '../columns.ts'
import { quoted } from './rights.ts'
import type { Session } from './session.ts'

/** What a clock may differ by; tickets are dated by ours, leases by the database's. */
const CLOCK_MS = 5_000

export type Beside = {
  /** This machine's wall clock. */
  readonly now: () => number
  /** How many connections one service holds. */
  readonly connections: number
}

/** @param db a connection as the service has it: settings count as they are for its role and database */
export const examineServer = async (db: Session, { now, connections }: Beside): Promise<readonly Finding[]> => {
  const before = now()
  const [row] = await db.all(LOOK)
  if (!row) return []
  return [
    ...durability(row),
    ...standbys(row),
    ...role(row),
    ...room(row, connections),
    ...clock(Number(row.now_ms) - (before + now()) / 2),
  ]
}

const refused = (subject: string, what: string, fix: string): Finding => ({ severity: 'refused', subject, what, fix })
const warning = (subject: string, what: string, fix: string): Finding => ({ severity: 'warning', subject, what, fix })

const durability = (row: Row): readonly Finding[] => {
  const found: Finding[] = []
  if (row.fsync === 'off')
    found.push(
      refused(
        'fsync',
        'fsync is off: a machine that crashes loses acknowledged tickets, or the whole database.',
        "Run as an administrator: ALTER SYSTEM SET fsync = 'on'; SELECT pg_reload_conf();",
      ),
    )
  if (row.full_page_writes === 'off')
    found.push(
      warning(
        'full_page_writes',
        'full_page_writes is off: a machine that crashes in the middle of a page leaves a damaged one.',
        "Unless the file system writes pages whole, run as an administrator: ALTER SYSTEM SET full_page_writes = 'on'; SELECT pg_reload_conf();",
      ),
    )
  const commit = COMMITS[text(row.synchronous_commit)]
  if (commit)
    found.push({
      severity: commit.severity,
      subject: 'synchronous_commit',
      what: `synchronous_commit is ${row.synchronous_commit} for "${row.role}": ${commit.why}.`,
      fix: `Run as an administrator: ALTER ROLE ${quoted(text(row.role))} IN DATABASE ${quoted(text(row.database))} SET synchronous_commit = 'on'; then start the service again.`,
    })
  return found
}

/** What is less than `on`. */
const COMMITS: Readonly<Record<string, { readonly severity: Finding['severity']; readonly why: string }>> = {
  off: {
    severity: 'refused',
    why: 'a COMMIT is answered before it is on a disk, so a crash loses acknowledged tickets',
  },
  local: {
    severity: 'warning',
    why: 'a COMMIT waits for no standby, so a fail-over loses acknowledged tickets',
  },
  remote_write: {
    severity: 'warning',
    why: 'a COMMIT does not wait for the disk of the standby, so a power cut of both machines loses acknowledged tickets',
  },
}

/** A server without any standby is somebody's choice; one with standbys that no COMMIT waits for hardly is. */
const standbys = ({ standby_names, standbys, synchronous, hidden }: Row): readonly Finding[] => {
  const subject = 'synchronous_standby_names'
  const count = Number(standbys)
  const follow = count === 1 ? 'one standby follows' : `${count} standbys follow`
  if (standby_names === '' && count > 0)
    return [
      warning(
        subject,
        `No standby is synchronous, though ${follow}: a fail-over loses acknowledged tickets.`,
        'With Patroni: patronictl edit-config -s synchronous_mode=true -s synchronous_mode_strict=true; without it, name the standbys in synchronous_standby_names.',
      ),
    ]
  if (standby_names === '' || Number(synchronous) > 0) return []
  if (Number(hidden) > 0)
    return [
      warning(
        subject,
        'Whether a synchronous standby is connected cannot be seen by this role.',
        'Run "support-relay doctor" as a role that is a member of pg_monitor.',
      ),
    ]
  return [
    warning(
      subject,
      'A COMMIT waits for a synchronous standby, and none is connected: no ticket can be acknowledged.',
      'Start the standbys that synchronous_standby_names means, or see why they do not connect.',
    ),
  ]
}

const role = (row: Row): readonly Finding[] =>
  row.is_superuser === true
    ? [
        warning(
          'user',
          `"${row.role}" is a superuser: whoever gets hold of its password has the whole server.`,
          'Serve as a role of its own; "support-relay migrate --grant-to ROLE" prints what it needs.',
        ),
      ]
    : []

const room = (row: Row, connections: number): readonly Finding[] => {
  const limits = [
    ['max_connections', Number(row.connections_max), 'Raise max_connections, which takes a restart of the server.'],
    [
      'CONNECTION LIMIT',
      Number(row.role_limit),
      `Run as an administrator: ALTER ROLE ${quoted(text(row.role))} CONNECTION LIMIT -1;`,
    ],
    [
      'CONNECTION LIMIT',
      Number(row.database_limit),
      `Run as an administrator: ALTER DATABASE ${quoted(text(row.database))} CONNECTION LIMIT -1;`,
    ],
  ] as const
  return limits
    .filter(([, limit]) => limit >= 0 && limit < connections)
    .map(([subject, limit, fix]) =>
      warning(subject, `${limit} connections are allowed, and each service holds up to ${connections}.`, fix),
    )
}

const clock = (aheadMs: number): readonly Finding[] =>
  Math.abs(aheadMs) <= CLOCK_MS
    ? []
    : [
        warning(
          'clock',
          `The database's clock is ${Math.round(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's.`,
          'Let both machines take the time from the same source (NTP).',
        ),
      ]

// Others see of a standby only that it is there.
const LOOK = `
  select current_user as role, current_database() as database, current_setting('fsync') as fsync,
    current_setting('full_page_writes') as full_page_writes, current_setting('synchronous_commit') as synchronous_commit,
    current_setting('synchronous_standby_names') as standby_names,
    (select count(*) from pg_stat_replication) as standbys,
    (select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum')) as synchronous,
    (select count(*) from pg_stat_replication where sync_state is null) as hidden,
    current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
      - coalesce(current_setting('reserved_connections', true)::integer, 0) as connections_max,
    (select rolconnlimit from pg_roles where rolname = current_user) as role_limit,
    (select datconnlimit from pg_database where datname = current_database()) as database_limit,
    (select rolsuper from pg_roles where rolname = current_user) as is_superuser,
    extract(epoch from clock_timestamp())::float8 * 1000 as now_ms`
