/** Every help desk there is. */
import { cloudDesks } from './cloud-desks.ts'
import { ownDesks } from './own-desks.ts'
import type { Tracker } from './tracker.ts'

export const helpDesks: readonly Tracker[] = [...ownDesks, ...cloudDesks]
