/** A store for the contract's cases, by how it is opened. */
import type { Store } from '../../src/domain/store.ts'
import type { OpenedStore } from '../contracts/store.ts'

/** @param remove what it leaves behind */
export const reopenable = async (
  open: () => Promise<Store>,
  remove: () => Promise<void> | void,
): Promise<OpenedStore> => {
  let store = await open()
  return {
    store,
    async reopen() {
      await store.close()
      store = await open()
      return store
    },
    async dispose() {
      await store.close()
      await remove()
    },
  }
}
