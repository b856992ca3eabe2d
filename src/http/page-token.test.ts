import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { pageTokens } from './page-token.ts'

const tokens = pageTokens(new Uint8Array(32).fill(7))

test('a sealed position opens for its scope, also by another maker with the same key', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (scope, position) => {
      const sealed = pageTokens(new Uint8Array(32).fill(7)).seal(scope, position)
      assert.equal(tokens.open(scope, sealed), Buffer.from(position).toString())
    }),
    { seed: 4 },
  )
})

test('for another scope, another key, or changed anywhere, it opens nothing', () => {
  const sealed = tokens.seal('mine', '0199aaaa-bbbb-7000-8000-000000000001')
  assert.equal(tokens.open('yours', sealed), undefined)
  assert.equal(pageTokens(new Uint8Array(32).fill(8)).open('mine', sealed), undefined)
  for (let at = 0; at < sealed.length; at += 1)
    for (const letter of ['A', 'B', '-', '=', ' ', ''])
      if (sealed[at] !== letter)
        assert.equal(
          tokens.open('mine', sealed.slice(0, at) + letter + sealed.slice(at + 1)),
          undefined,
          `${at} ${letter}`,
        )
  for (const other of ['', 'x', `${sealed}A`, `${sealed}=`, ` ${sealed}`, sealed.slice(0, 22), '0', 'null'])
    assert.equal(tokens.open('mine', other), undefined, other)
})
