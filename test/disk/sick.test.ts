/** A disk that fails, refuses or hangs: never a false yes, 503 within a second, and back by itself. */
import { test } from 'node:test'
import { inject, whyNoTracing } from '../support/strace.ts'
import { until } from './load.ts'
import { onDisk } from './stage.ts'

const skip = whyNoTracing()

const SICKNESSES = {
  'nobody can tell what is free': 'statfs:error=EIO',
  'no sync succeeds': 'fsync,fdatasync:error=EIO',
  'no write succeeds': 'pwrite64:error=EIO',
  // A real one cannot be made so while files are open; a kernel that gives a disk up does it by force, and then calls end like this.
  'it turned read-only': 'pwrite64,ftruncate,fsync,fdatasync:error=EROFS',
}

test(
  `a disk on which ${Object.keys(SICKNESSES).join(', then ')}: no yes meanwhile, and each time it goes on by itself`,
  {
    skip,
  },
  t =>
    onDisk(t, 'sick', async ({ pid, sick, back }) => {
      for (const [sickness, answers] of Object.entries(SICKNESSES)) {
        const injection = await inject(pid, answers)
        await sick()
        await injection.stop()
        t.diagnostic(`${sickness}: back after ${await back()} ms`)
      }
    }),
)

test('a sync that hangs for 5 s: whoever waits is told within a second, and what was stored late counts', { skip }, t =>
  onDisk(t, 'hang', async ({ pid, load, sick, back }) => {
    const injection = await inject(pid, 'fsync,fdatasync:delay_enter=5000000:when=1')
    await sick()
    const first = load.answered.find(({ status }) => status === 503)?.at ?? 0
    const accepted = () => load.answered.some(({ at, status }) => at > first && status === 200)
    await until('tickets are taken again', 10_000, accepted)
    await injection.stop()
    await back()
  }),
)

test('a read that fails is not taken for damage: it goes on, and all is delivered once', { skip }, t =>
  onDisk(t, 'unread', async ({ pid, load, back }) => {
    for (let nth = 0; nth < 5; nth += 1) {
      const injection = await inject(pid, 'pread64:error=EIO:when=1')
      const before = load.answered.length
      await until('tickets are answered', 10_000, () => load.answered.length > before + 20)
      await injection.stop()
    }
    await back()
  }),
)
