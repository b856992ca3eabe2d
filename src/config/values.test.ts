/** The forms of single values: rates, durations, networks, certificates; and what of them is shown. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { certificate } from '../../test/contracts/certificate.ts'
import { loadChanged } from '../../test/support/config.ts'
import { certificateFault } from './certificate.ts'
import { parseCidr } from './cidr.ts'
import { formatDuration, formatRate, parseDuration, parseRate } from './pace.ts'
import { summarize } from './summary.ts'

test('durations and rates are read and written in the words of the configuration', () => {
  assert.deepEqual(['500ms', '15s', '2s'].map(parseDuration), [500, 15_000, 2_000])
  assert.deepEqual(['', 's', '-1s', '1 hour', '1e3s', 'NaN'].map(parseDuration), Array(6).fill(undefined))
  assert.deepEqual(parseRate('5/2s'), { count: 5, perMs: 2_000 })
  for (const text of ['1/s', '5/2s', '100/h']) assert.equal(formatRate(parseRate(text) ?? null), text)
  for (const text of ['0/s', '1/', '/s', '1/x', '-1/s', 'fast']) assert.equal(parseRate(text), undefined)
  assert.equal(formatDuration(15_000), '15s')
})

test('networks are addresses of either family with or without a length', () => {
  assert.deepEqual(['127.0.0.0/8', '10.1.2.3', '::1', 'fd00::/8'].map(parseCidr), [
    '127.0.0.0/8',
    '10.1.2.3/32',
    '::1/128',
    'fd00::/8',
  ])
  for (const text of ['127.0.0.0/33', '::/129', '127.1', 'example.org', '10.0.0.0/', '/8', ''])
    assert.equal(parseCidr(text), undefined, text)
})

test('a certificate or public key is taken in any of its forms, anything else is named', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  for (const form of [pem, pem.replaceAll('\n', ' '), pem.replace(/-----[^-]+-----|\n/g, '')])
    assert.equal(certificateFault(form), undefined)
  const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 })
  assert.equal(certificateFault(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()), 'private')
  assert.equal(certificateFault(weak.publicKey.export({ type: 'spki', format: 'pem' }).toString()), 'too-short')
  assert.equal(certificateFault('hello'), 'unreadable')
  assert.ok([undefined, 'not-rsa'].includes(certificateFault(certificate)))
})

test('what is printed of a configuration holds no secret', () => {
  const loaded = loadChanged(text => text)
  assert.ok('config' in loaded)
  const printed = JSON.stringify(summarize(loaded.config))
  for (const secret of ['very-secret', 'a-long-shared-secret', 'whsec_B']) assert.ok(!printed.includes(secret), printed)
  assert.ok(printed.includes('support') && printed.includes('cloud.sdu.dk'))
})
