/** What may be sent next to one destination. */
import type { DeliveryProgress } from '../domain/delivery.ts'
import type { Store } from '../domain/store.ts'

export type Due = { readonly deliveries: readonly DeliveryProgress[]; readonly nextAt: number | null }

export const NOTHING_DUE: Due = { deliveries: [], nextAt: null }

/** What is due; of a destination that fails, the one delivery that tries it. With when to look again.
 *  @throws StoreUnavailable */
export const readDue = async (
  store: Pick<Store, 'due' | 'probe'>,
  query: { readonly destination: string; readonly now: number; readonly limit: number; readonly isProbe: boolean },
): Promise<Due> => {
  const { destination, now, limit, isProbe } = query
  if (!isProbe) return store.due({ destination, now, limit })
  const head = await store.probe({ destination })
  if (!head) return NOTHING_DUE
  // An unclear answer may have been shown to people: not even a probe repeats it within the minute.
  const mayProbe = head.unclearCount === 0 || head.nextAttemptAt <= now
  return mayProbe ? { deliveries: [head], nextAt: null } : { deliveries: [], nextAt: head.nextAttemptAt }
}
