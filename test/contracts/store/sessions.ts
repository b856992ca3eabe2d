import assert from 'node:assert/strict'
import type { Principal } from '../../../src/domain/principal.ts'
import { DAY, HOUR, type Open, START, storeTest } from './arrange.ts'

const principal: Principal = {
  username: 'demo',
  role: 'USER',
  name: 'Demo User',
  email: null,
  organization: null,
  mailDomain: null,
  projects: ['p-1'],
}
const session = (hash: number, link: number) => ({
  hash: Uint8Array.of(hash),
  link: Uint8Array.of(link),
  principal,
  expiresAt: START + HOUR,
})

export const sessionCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `session: ${what}`, run)

  it('an opened session is found by its hash until it runs out', async store => {
    assert.equal(await store.openSession(session(1, 1)), 'opened')
    const found = await store.session({ hash: Uint8Array.of(1), now: START + HOUR - 1 })
    assert.deepEqual([found?.principal, found?.expiresAt], [principal, START + HOUR])
    assert.equal(await store.session({ hash: Uint8Array.of(1), now: START + HOUR }), undefined)
    assert.equal(await store.session({ hash: Uint8Array.of(2), now: START }), undefined)
  })

  it('a closed session is gone at once, its link stays used, and closing it again is no mistake', async store => {
    await store.openSession(session(1, 1))
    await store.openSession(session(2, 2))
    await store.closeSession({ hash: Uint8Array.of(1) })
    await store.closeSession({ hash: Uint8Array.of(1) })
    assert.equal(await store.session({ hash: Uint8Array.of(1), now: START }), undefined)
    assert.ok(await store.session({ hash: Uint8Array.of(2), now: START }))
    assert.equal(await store.openSession(session(3, 1)), 'used')
  })

  it('a link opens one session, however often it is tried at once', async store => {
    const answers = await Promise.all([1, 2, 3, 4].map(hash => store.openSession(session(hash, 7))))
    assert.deepEqual(answers.toSorted(), ['opened', 'used', 'used', 'used'])
  })

  it('a used link stays used over a restart', async (store, opened) => {
    await store.openSession(session(1, 1))
    const again = await opened.reopen()
    assert.equal(await again.openSession(session(2, 1)), 'used')
    assert.ok(await again.session({ hash: Uint8Array.of(1), now: START }))
  })

  it('pruning removes sessions that ran out, and later their links', async store => {
    await store.openSession(session(1, 1))
    assert.equal(await store.prune({ now: START, limit: 10 }), 0)
    assert.equal(await store.prune({ now: START + HOUR, limit: 10 }), 1)
    assert.equal(await store.openSession(session(2, 1)), 'used')
    assert.equal(await store.prune({ now: START + 2 * DAY, limit: 10 }), 1)
  })

  it('it can commit, and after closing every call is refused', async store => {
    await store.check()
    await store.close()
    await assert.rejects(store.check(), { name: 'StoreUnavailable' })
    await assert.rejects(store.destinations(), { name: 'StoreUnavailable' })
  })
}
