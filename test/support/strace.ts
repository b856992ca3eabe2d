/** Debian's `strace`: what the real program asks of the kernel, and what the kernel answers when we want it to answer something else. */
import { spawn, spawnSync } from 'node:child_process'

/** A reason to skip, in words; false where tracing works. Containers often forbid it. */
export const whyNoTracing = (): string | false => {
  const { error, status, stderr } = spawnSync('strace', ['-f', '-e', 'trace=none', 'true'], { encoding: 'utf8' })
  if (error) return 'strace is not installed here'
  return status === 0 ? false : `tracing is forbidden here (${stderr.trim().split('\n').at(-1)})`
}

export type Injection = {
  /** Detaches: from here on the kernel answers truly again. */
  stop(): Promise<void>
}

/** Attaches to every thread of a process and answers its system calls falsely.
 *  @param what strace's own words: `fdatasync,fsync:error=EIO`
 *  @param path only calls on this file */
export const inject = async (pid: number, what: string, path?: string): Promise<Injection> => {
  const calls = what.slice(0, what.indexOf(':'))
  const args = ['-f', '-p', String(pid), '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${what}`]
  if (path !== undefined) args.push('-P', path)
  const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>(resolve => tracer.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    let said = ''
    tracer.once('error', reject)
    void ended.then(() => reject(new Error(`strace ended: ${said}`)))
    // Once attached it says so, thread by thread; it starts nothing before it has all.
    tracer.stderr.on('data', chunk => {
      said += chunk
      if (/attached/.test(said)) resolve()
    })
  })
  return {
    async stop() {
      tracer.kill('SIGINT')
      await ended
    },
  }
}
