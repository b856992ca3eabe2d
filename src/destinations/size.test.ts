/** Adding a service stays a matter of one file or one row: how long these may be, and with how much they are tried. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { hostile } from '../../test/contracts/hostile.ts'

const files = globSync('*.ts', { cwd: import.meta.dirname })
  .filter(file => !file.endsWith('.test.ts'))
  .map(file => ({
    file,
    lines: readFileSync(`${import.meta.dirname}/${file}`, 'utf8')
      .trimEnd()
      .split('\n'),
  }))

/** How long each row of a file is: they begin and end at the margin. */
const rowsIn = (lines: readonly string[]): number[] => {
  const begins = lines.flatMap((line, at) =>
    /^(?:export )?const \w+\b.*: (?:Row|Tracker) =>? \(?\{$/.test(line) ? [at] : [],
  )
  return begins.map(at => lines.slice(at).findIndex(line => /^\}\)?$/.test(line)) + 1)
}

test('a file has at most 140 lines, and all kinds together at most 3,500', () => {
  assert.deepEqual(
    files.filter(({ lines }) => lines.length > 140).map(({ file }) => file),
    [],
  )
  const all = files.reduce((sum, { lines }) => sum + lines.length, 0)
  assert.ok(all <= 3_500, `${all} lines`)
})

test('a row has at most 40 lines, unless it has a file to itself', () => {
  const shared = files
    .map(({ file, lines }) => ({ file, lengths: rowsIn(lines) }))
    .filter(({ lengths }) => lengths.length > 1)
  assert.ok(shared.length >= 4, 'they are found')
  for (const { file, lengths } of shared)
    assert.ok(
      lengths.every(length => length > 1 && length <= 40),
      `${file}: ${lengths}`,
    )
})

test('there are at least 60 hostile texts', () => {
  assert.ok(new Set(hostile).size >= 60)
})
