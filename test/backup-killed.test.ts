/** `backup` and `restore` that are killed in the middle: what is left is taken for nothing, and each can be done again. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fillFolder } from './support/filled.ts'
import { configurationFor, home, run, runKillable } from './support/service.ts'

const KILLS = 8
const FILLED = 20_000

const place = () => home(configurationFor('http://127.0.0.1:9'))
const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise(resolve => setTimeout(resolve, 5))
}

test('a backup that is killed anywhere leaves nothing under its name, and nothing that restore takes for whole', async () => {
  const at = place()
  const data = join(at.folder, 'data')
  try {
    fillFolder(data, FILLED)
    const bytes = statSync(join(data, 'support-relay.db')).size
    const grown = (name: string) => {
      const file = join(at.folder, name, 'support-relay.db')
      return statSync(file, { throwIfNoEntry: false })?.size ?? 0
    }
    let killed = 0
    for (let nth = 0; nth < KILLS; nth += 1) {
      const target = join(at.folder, `backup-${nth}`)
      const partial = () => readdirSync(at.folder).find(name => name.startsWith(`backup-${nth}.partial-`))
      const reached = () => existsSync(target) || grown(partial() ?? 'none') >= (bytes * nth) / (KILLS - 1)
      const ended = runKillable(['backup', target, '--data', data])
      await until(() => ended.isOver() || (partial() !== undefined && reached()))
      await ended.kill()
      const left = partial()
      assert.notEqual(existsSync(target), left !== undefined, 'either the backup or what is left of it')
      if (left === undefined) continue
      killed += 1
      const refused = await run(['restore', join(at.folder, left), '--data', join(at.folder, `into-${nth}`)])
      assert.deepEqual([refused.code, /was not finished/.test(refused.stderr)], [5, true])
      assert.ok(!existsSync(join(at.folder, `into-${nth}`)))
    }
    assert.ok(killed >= KILLS / 2, `${killed} of ${KILLS} were hit in the middle`)
    assert.equal((await run(['backup', join(at.folder, 'backup-0'), '--data', data])).code, 0)
  } finally {
    await at.dispose()
  }
})

test('a restore that is killed leaves a folder that nothing starts on, and can be done again', async () => {
  const at = place()
  const backup = join(at.folder, 'backup')
  try {
    fillFolder(join(at.folder, 'whole'), FILLED)
    assert.equal((await run(['backup', backup, '--data', join(at.folder, 'whole')])).code, 0)
    const data = join(at.folder, 'data')
    const ended = runKillable(['restore', backup, '--data', data])
    await until(() => existsSync(join(data, 'restoring.db')))
    await ended.kill()
    assert.ok(existsSync(join(data, 'restoring.db')), 'it was hit in the middle')

    const refused = await run(['serve', '--config', at.config, '--data', data])
    assert.deepEqual([refused.code, refused.stdout], [3, ''], refused.stderr)
    assert.match(
      refused.stderr,
      /restore into the data folder \S+ was not finished\. Run "support-relay restore" again/,
    )
    assert.ok(!existsSync(join(data, 'support-relay.db')))
    assert.equal((await run(['restore', backup, '--data', data])).code, 0)
    assert.ok(!existsSync(join(data, 'restoring.db')))
  } finally {
    await at.dispose()
  }
})
