/** Starting what is measured, loading it, and reading what the kernel counted for it. Linux only; `wrk` comes from Debian's packages. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

export type Measured = {
  readonly child: ChildProcess
  readonly pid: number
  readonly address: string
  readonly readyMs: number
}

/** Starts a Node program and waits for the line that names its address. */
export const startProgram = (args: readonly string[], env: Record<string, string> = {}): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const begun = performance.now()
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, ...env },
    })
    child.once('exit', code => reject(new Error(`it ended with ${code}`)))
    createInterface({ input: child.stdout ?? process.stdin }).on('line', line => {
      const address = /(http:\/\/[\d.]+:\d+)/.exec(line)?.[1]
      if (address && child.pid) resolve({ child, pid: child.pid, address, readyMs: performance.now() - begun })
    })
  })

export const stopProgram = ({ child }: Measured): Promise<void> =>
  new Promise(resolve => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
    child.disconnect()
  })

export type Load = {
  readonly requests: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly refused: number
}

export const load = async (
  address: string,
  options: { connections: number; seconds: number; env: Record<string, string> },
): Promise<Load> => {
  const args = [
    '-t1',
    `-c${options.connections}`,
    `-d${options.seconds}s`,
    '-s',
    `${import.meta.dirname}/wrk.lua`,
    address,
  ]
  const { stdout } = await promisify(execFile)('wrk', args, { env: { ...process.env, ...options.env } })
  const [requests = 0, duration = 1, p50Ms = 0, p99Ms = 0, refused = 0] = (/RESULT (.*)/.exec(stdout)?.[1] ?? '')
    .split(' ')
    .map(Number)
  return { requests, perSecond: requests / (duration / 1e6), p50Ms, p99Ms, refused }
}

/** CPU time of all threads so far, in microseconds. */
export const cpuUs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** CPU time by thread name, in microseconds. */
export const cpuByThread = (pid: number): Record<string, number> =>
  Object.fromEntries(
    readdirSync(`/proc/${pid}/task`).map(task => {
      const [head = '', tail = ''] = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8').split(') ')
      const fields = tail.split(' ')
      return [`${task} ${head.split('(')[1]}`, (Number(fields[11]) + Number(fields[12])) * 10_000]
    }),
  )

/** Bytes that were sent to the disk. */
export const writtenBytes = (pid: number): number =>
  Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])

/** Memory that is this process's own share, in MB (PSS). */
export const pssMb = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
