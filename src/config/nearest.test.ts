import assert from 'node:assert/strict'
import { test } from 'node:test'
import { didYouMean, nearest } from './nearest.ts'

const keys = ['issuer', 'sharedSecret', 'certificate', 'audience', 'port', 'host', 'to']

const table: [string, string | undefined][] = [
  ['isuer', 'issuer'],
  ['shared_secret', 'sharedSecret'],
  ['SHAREDSECRET', 'sharedSecret'],
  ['sharedSecert', 'sharedSecret'],
  ['ports', 'port'],
  ['prot', 'port'],
  ['tp', 'to'],
  ['banana', undefined],
  ['x', undefined],
  ['', undefined],
]
for (const [typed, meant] of table) {
  test(`"${typed}" is taken for ${meant ?? 'nothing we know'}`, () => {
    assert.equal(nearest(typed, keys), meant)
  })
}

test('the question is asked only when there is something to offer', () => {
  assert.equal(didYouMean('isuer', keys), ' Did you mean "issuer"?')
  assert.equal(didYouMean('banana', keys), '')
})
