import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAddressGuard } from './address-guard.ts'

const INNER = [
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '64:ff9b::10.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:10::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '2002:c0a8:101::',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'ff0e::1',
  '4000::1',
  'e000::1',
]
const PUBLIC = [
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:400f:80d::200e',
  '::ffff:1.1.1.1',
  '64:ff9b::1.1.1.1',
  '2002:101:101::1',
  '2001:4860:4860::8888',
]
const guard = createAddressGuard([])

test('inner addresses are not reachable, in whatever clothes they come', () => {
  for (const address of INNER) {
    for (const protocol of ['http:', 'https:'] as const)
      assert.equal(guard.admit([address], protocol).ok, false, address)
  }
})

test('public addresses are reachable by https, and by https alone', () => {
  for (const address of PUBLIC) {
    assert.deepEqual(guard.admit([address], 'https:'), { ok: true, addresses: [address] }, address)
    assert.equal(guard.admit([address], 'http:').ok, false, address)
  }
})

test('one inner address among public ones condemns the whole name', () => {
  for (const inner of INNER) assert.equal(guard.admit(['1.1.1.1', inner], 'https:').ok, false, inner)
  assert.equal(guard.admit(['not an address'], 'https:').ok, false)
})

test('allowed networks are reachable by both protocols, and nothing beside them', () => {
  const { admit } = createAddressGuard(['127.0.0.0/8', '10.1.2.0/23', 'fd00:1::/32', '192.168.7.7'])
  for (const address of [
    '127.0.0.1',
    '127.9.9.9',
    '10.1.2.0',
    '10.1.3.255',
    'fd00:1:ffff::1',
    '192.168.7.7',
    '::ffff:127.0.0.1',
  ]) {
    for (const protocol of ['http:', 'https:'] as const)
      assert.deepEqual(admit([address], protocol), { ok: true, addresses: [address] })
  }
  for (const address of ['10.1.1.255', '10.1.4.0', 'fd00:2::1', '192.168.7.8', '::1', '64:ff9b::127.0.0.1']) {
    assert.equal(admit([address], 'https:').ok, false, address)
  }
  assert.equal(admit(['1.1.1.1'], 'http:').ok, false, 'an allowed network opens no plain http to others')
})

test('a name with allowed and other addresses is reached by the allowed ones', () => {
  const { admit } = createAddressGuard(['127.0.0.0/8'])
  assert.deepEqual(admit(['::1', '127.0.0.1'], 'http:'), { ok: true, addresses: ['127.0.0.1'] })
})

test('an IPv4 network written as IPv6 means the same addresses', () => {
  const { admit } = createAddressGuard(['::ffff:10.0.0.1'])
  assert.equal(admit(['10.0.0.1'], 'http:').ok, true)
  assert.equal(admit(['10.0.0.2'], 'http:').ok, false)
})

test('what is no network is refused', () => {
  for (const text of ['', '10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.0/-1', '10.0.0.0/8/8', '/8', '1.2.3.4.5']) {
    assert.throws(() => createAddressGuard([text]), text)
  }
  for (const text of ['127.0.0.0/8', '::1', '0.0.0.0/0', '::/0', 'fd00::/8']) assert.ok(createAddressGuard([text]))
})

test('a prefix means the same as comparing bit by bit', () => {
  const bits = (address: string) =>
    address
      .split('.')
      .map(part => Number(part).toString(2).padStart(8, '0'))
      .join('')
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (network, address, prefix) => {
      const isInside = bits(network).slice(0, prefix) === bits(address).slice(0, prefix)
      const { ok } = createAddressGuard([`${network}/${prefix}`]).admit([address], 'http:')
      assert.equal(ok, isInside)
    }),
  )
})
