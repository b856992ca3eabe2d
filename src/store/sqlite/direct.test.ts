import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeContract } from '../../../test/contracts/store.ts'
import { systemRandom } from '../../domain/clock.ts'
import { openDirectStore } from './direct.ts'

storeContract('the core', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const open = () => openDirectStore(join(folder, 'data.db'), { random: systemRandom, now: () => Date.now() })
  let store = open()
  return {
    store,
    async reopen() {
      await store.close()
      store = open()
      return store
    },
    async dispose() {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
})
