/** Three etcd, where the cluster keeps who is primary. */
import { arch } from 'node:os'
import { join } from 'node:path'
import { execute } from './processes.ts'
import { CLEAN_ENV, ETCD, type Parts } from './requirements.ts'

export type Etcd = {
  readonly name: string
  readonly clientPort: number
  readonly peerPort: number
  readonly folder: string
}

export const startEtcd = (members: readonly Etcd[], options: { parts: Parts; logs: string }): void => {
  for (const { name, clientPort, peerPort, folder } of members) {
    const [client, peer] = [clientPort, peerPort].map(url)
    execute({
      program: ETCD,
      args: [
        ...['--name', name, '--data-dir', join(folder, 'data'), '--log-outputs', 'stderr', '--logger', 'zap'],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--initial-cluster', members.map(one => `${one.name}=${url(one.peerPort)}`).join(',')],
      ].map(String),
      folder,
      log: join(options.logs, `${name}.log`),
      env: { ...CLEAN_ENV, HOME: folder, ...(arch() === 'arm64' && { ETCD_UNSUPPORTED_ARCH: 'arm64' }) },
      user: options.parts.user,
    })
  }
}

export const isHealthy = async ({ clientPort }: Etcd): Promise<boolean> => {
  try {
    const answer = await fetch(`${url(clientPort)}/health`, { signal: AbortSignal.timeout(1_000) })
    return ((await answer.json()) as { health?: unknown }).health === 'true'
  } catch {
    return false
  }
}

const url = (port: number): string => `http://127.0.0.1:${port}`
