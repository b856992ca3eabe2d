/** A destination that nobody's configuration names: told once, and told when it is served again, by whoever shares the store. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { ticket } from '../../test/contracts/store/arrange.ts'
import { ok, slackTo, stage } from '../../test/support/engine-stage.ts'
import { PAUSED_BY_STAFF } from '../domain/alerts.ts'
import { shownDestination } from '../domain/shown-destination.ts'
import { type StoredDestination, StoreUnavailable } from '../domain/store.ts'
import { unservedWatch } from './unserved.ts'

const configured = new Set(['b'])

type Looks = Parameters<typeof unservedWatch>[0]
const watch = (store: Looks['store'], told: string[]) =>
  unservedWatch({
    store,
    configured,
    clock: { now: () => 0 },
    observer: {
      stateChanged: (name, { from, to, reason }) => told.push(`${name} ${from}→${to} ${reason}`),
      failed: (what, name) => told.push(`${name}: could not ${what}`),
    },
  })

test('told at the first look, and not again by anybody; so is its return; what has nothing left is not told', async () => {
  const at = await stage([slackTo('b')], () => ok, {
    before: async store => {
      await store.accept(ticket({ destinations: ['a', 'b'] }))
      await store.takeLeases({ engine: 'earlier', destinations: ['c'], forMs: 0 })
    },
  })
  const told: string[] = []
  const [look, another] = [watch(at.store, told), watch(at.store, told)]
  const all = await at.store.destinations()
  await look(all)
  await another(all)
  await another(await at.store.destinations())
  assert.deepEqual(told, ['a OK→NOT_CONFIGURED null'])

  await at.store.steer({ destination: 'a', state: 'PAUSED', reason: PAUSED_BY_STAFF, now: at.clock.now() })
  const elsewhere = (await at.store.destinations()).map(stored => ({ ...stored, isNamedElsewhere: true }))
  await look(elsewhere)
  await another(elsewhere)
  await another((await at.store.destinations()).map(stored => ({ ...stored, isNamedElsewhere: true })))
  assert.deepEqual(told.slice(1), [`a NOT_CONFIGURED→PAUSED ${PAUSED_BY_STAFF}`])
})

test('one that another engine served until now is told when it is seen gone twice', async () => {
  const at = await stage([slackTo('b')], () => ok, {
    before: async store => {
      await store.accept(ticket({ destinations: ['a', 'b'] }))
    },
  })
  const told: string[] = []
  const look = watch(at.store, told)
  const all = await at.store.destinations()
  const elsewhere = all.map(stored => ({ ...stored, isNamedElsewhere: true }))
  for (const seen of [elsewhere, all, elsewhere, all]) await look(seen)
  assert.deepEqual(told, [])
  await look(all)
  assert.deepEqual(told, ['a OK→NOT_CONFIGURED null'])
})

test('what cannot be noted is told by a later look', async () => {
  const at = await stage([slackTo('b')], () => ok, {
    before: async store => {
      await store.accept(ticket({ destinations: ['a', 'b'] }))
    },
  })
  const told: string[] = []
  let isFull = true
  const look = watch(
    {
      noteServed: request =>
        isFull ? Promise.reject(new StoreUnavailable('not-written', 'full')) : at.store.noteServed(request),
    },
    told,
  )
  await look(await at.store.destinations())
  isFull = false
  await look(await at.store.destinations())
  assert.deepEqual(told, ['a: could not note whether it is configured', 'a OK→NOT_CONFIGURED null'])
})

test('what is shown: nothing of what it was before, a hold only while it holds, and the later of a hold and a probe', async () => {
  const at = await stage([slackTo('b')], () => ok)
  const [stored] = await at.store.destinations()
  assert.ok(stored)
  const now = 1_000
  const show = (name: string, health: Partial<StoredDestination['health']>) => {
    const shown = shownDestination({ ...stored, name, health: { ...stored.health, ...health } }, configured, now)
    return [shown.state, shown.reason, shown.nextAttemptAt]
  }
  const failing = { state: 'FAILING', reason: 'http-404', probeAt: 2_000 } as const
  assert.deepEqual(show('a', failing), ['NOT_CONFIGURED', null, null])
  assert.deepEqual(show('b', failing), ['FAILING', 'http-404', 2_000])
  assert.deepEqual(show('b', { ...failing, heldUntil: 5_000 }), ['FAILING', 'http-404', 5_000])
  assert.deepEqual(show('b', { ...failing, heldUntil: 900 }), ['FAILING', 'http-404', 2_000])
  assert.deepEqual(show('b', { heldUntil: 5_000 }), ['OK', null, 5_000])
  assert.deepEqual(show('b', { heldUntil: 900 }), ['OK', null, null])
  assert.deepEqual(show('b', { state: 'PAUSED', reason: 'r', heldUntil: 5_000 }), ['PAUSED', 'r', null])
})
