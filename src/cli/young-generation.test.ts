import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

/** Makes things that live a while, in a process of its own, and tells how large its young generation became. Little in each turn: the bound is set
 *  after a collection, and a turn with two of them would outgrow it. */
const PROGRAM = `
  import { getHeapSpaceStatistics } from 'node:v8'
  const { freeYoungGeneration } = await import(${JSON.stringify(new URL('young-generation.ts', import.meta.url).href)})
  const megabytes = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20
  const churn = async () => {
    let kept = []
    for (let round = 0; round < 2_000; round += 1) {
      kept = [...kept.slice(-200), Array.from({ length: 2_000 }, (_, i) => ({ i }))]
      await new Promise(resolve => setImmediate(resolve))
    }
    return megabytes()
  }
  const bound = await churn()
  freeYoungGeneration(true)
  console.log(JSON.stringify({ bound, free: await churn() }))
`

test('the young generation grows to 16 MB, and beyond only where it is free to', () => {
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM], { encoding: 'utf8' })
  const { bound, free } = JSON.parse(said)
  assert.equal(bound, 16)
  assert.ok(free > 16, `${free} MB`)
})
