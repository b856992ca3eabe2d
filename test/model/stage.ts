/** The real intake over a real store under a clock that tests move: what a history of submissions runs against. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../../src/domain/clock.ts'
import { idMaker } from '../../src/domain/id.ts'
import { referenceCode } from '../../src/domain/reference.ts'
import type { Store } from '../../src/domain/store.ts'
import { createIntake, type Submitted } from '../../src/http/intake.ts'
import { openDirectStore } from '../../src/store/sqlite/direct.ts'
import { openThreadedStore } from '../../src/store/sqlite/threaded.ts'
import { FakeClock } from '../support/fake-clock.ts'

export type Sent = { readonly user: string; readonly key: string | null; readonly body: object }

export type Stage = {
  readonly clock: FakeClock
  send(sent: Sent): Promise<Submitted>
  /** Everything in memory is gone; the data is opened anew. */
  restart(): Promise<void>
  /** Ids of the user's tickets, newest first. */
  stored(user: string): Promise<string[]>
  close(): Promise<void>
}

export const startStage = async (kind: 'direct' | 'threaded', limitPerHour: number): Promise<Stage> => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-model-'))
  const clock = new FakeClock()
  const open = (): Promise<Store> | Store =>
    kind === 'direct'
      ? openDirectStore(join(folder, 'direct.db'), { random: systemRandom, now: () => clock.now() })
      : openThreadedStore(folder, {
          clock,
          onFatal: error => {
            throw error
          },
        })
  const intakeOver = (store: Store) =>
    createIntake({
      store,
      clock,
      nextId: idMaker(clock, systemRandom),
      references: referenceCode(store.keys.reference),
      routes: [{ when: null, to: ['support'] }],
      limits: { ticketsPerUserPerHour: limitPerHour, messageMaxLength: 1_000 },
      onAccepted() {},
      onRefused() {},
      onStoreTrouble(error) {
        throw error
      },
    })
  let store = await open()
  let intake = intakeOver(store)
  return {
    clock,
    send: ({ user, key, body }) =>
      intake({
        principal: {
          username: user,
          role: 'USER',
          name: null,
          email: null,
          organization: null,
          mailDomain: null,
          projects: [],
        },
        fields: body as Record<string, unknown>, // an object of the test's own
        requestId: 'r',
        userAgent: null,
        project: null,
        idempotencyKey: key,
      }),
    async restart() {
      await store.close()
      store = await open()
      intake = intakeOver(store)
    },
    async stored(user) {
      const filter = { username: user, status: null, type: null, destination: null, delivery: null }
      return (await store.tickets({ filter, before: null, limit: 1_000 })).tickets.map(({ id }) => id)
    },
    async close() {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}
