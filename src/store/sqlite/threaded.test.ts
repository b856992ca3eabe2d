import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeContract } from '../../../test/contracts/store.ts'
import { reopenable } from '../../../test/support/reopenable.ts'
import { systemClock } from '../../domain/clock.ts'
import { openThreadedStore } from './threaded.ts'

const fail = (error: Error) => {
  throw error
}

storeContract('the threads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const open = () => openThreadedStore(folder, { clock: systemClock, onFatal: fail })
  return reopenable(open, () => rmSync(folder, { recursive: true }))
})
