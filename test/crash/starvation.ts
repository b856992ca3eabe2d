/** How long a process was ready to run and was not let: time that no program can answer for. Bounds in real time grow by it, so that they
 *  are as strict as promised on a quiet machine, and no matter of luck on a crowded one. */
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds that all threads of the process waited for a processor so far; 0 where the kernel does not count it. */
export const waitedMs = (pid: number): number => {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + waitedNs(pid, thread) / 1e6, 0)
  } catch {
    return 0 // it has ended
  }
}

/** The second number of schedstat (Linux, Documentation/scheduler/sched-stats.rst): nanoseconds spent waiting on a runqueue. */
const waitedNs = (pid: number, thread: string): number =>
  Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[1])
