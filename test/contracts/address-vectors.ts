/** Hosts as they may stand in an address, and where a request to them may go: nowhere, or to these. As data, made of families of spellings. */
export type Vector = {
  /** What stands in the address between `//` and the port. */
  readonly host: string
  /** What its name resolves to; a literal is never resolved. */
  readonly resolves?: readonly string[]
  /** The addresses it may lead to, the first of which is asked for; none where it is refused. */
  readonly admitted: readonly string[]
}

const refused = (host: string, resolves?: readonly string[]): Vector => ({
  host,
  ...(resolves && { resolves }),
  admitted: [],
})

/** Inner addresses, one or more of each reserved network, at its edges where they are ours to get wrong. */
export const INNER_V4 = [
  ...['0.0.0.0', '0.0.0.1', '0.255.255.255', '10.0.0.0', '10.0.0.1', '10.255.255.255', '100.64.0.0', '100.127.255.255'],
  ...['100.100.100.200', '127.0.0.0', '127.0.0.1', '127.0.0.53', '127.255.255.255', '168.63.129.16'],
  ...[
    '169.254.0.0',
    '169.254.169.254',
    '169.254.170.2',
    '169.254.169.123',
    '169.254.255.255',
    '172.16.0.0',
    '172.17.0.1',
  ],
  ...[
    '172.31.255.255',
    '192.0.0.0',
    '192.0.0.192',
    '192.0.0.255',
    '192.0.2.0',
    '192.0.2.255',
    '192.88.99.1',
    '192.168.0.0',
  ],
  ...['192.168.1.1', '192.168.255.255', '198.18.0.0', '198.19.255.255', '198.51.100.0', '203.0.113.255', '224.0.0.1'],
  ...['239.255.255.250', '240.0.0.0', '255.255.255.254', '255.255.255.255'],
]
export const PUBLIC_V4 = [
  ...[
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
  ],
  ...[
    '168.63.129.15',
    '168.63.129.17',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '191.255.255.255',
  ],
  ...['192.0.1.0', '192.0.3.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
]
export const INNER_V6 = [
  ...[
    '::',
    '::1',
    '::2',
    '::7f00:1',
    '::127.0.0.1',
    '::ffff:0:127.0.0.1',
    '1::',
    '100::1',
    '64:ff9b:1::1',
    '64:ff9b:1::7f00:1',
  ],
  ...[
    '2001::1',
    '2001:0:7f00:1::1',
    '2001:0:4136:e378:8000:63bf:80ff:fffe',
    '2001:10::1',
    '2001:1ff:ffff::1',
    '2001:db8::1',
  ],
  ...[
    '3fff::1',
    '3fff:fff::1',
    '4000::1',
    '5f00::1',
    '8000::1',
    'c000::1',
    'e000::1',
    'fc00::1',
    'fd00::1',
    'fd00:ec2::254',
  ],
  ...[
    'fd20:ce::254',
    'fdff:ffff::1',
    'fe80::1',
    'fe80::a9fe:a9fe',
    'febf:ffff::1',
    'fec0::1',
    'ff02::1',
    'ff0e::1',
    'ffff::1',
  ],
]
export const PUBLIC_V6 = [
  ...[
    '2001:200::1',
    '2001:4860:4860::8888',
    '2002:101:101::1',
    '2003::1',
    '2606:4700:4700::1111',
    '2a00:1450:400f:80d::200e',
  ],
  ...['3ffe::1', '64:ff9b::101:101', '64:ff9b::1.1.1.1'],
]

const octets = (address: string) => address.split('.').map(Number)
const number = (address: string) => octets(address).reduce((sum, octet) => sum * 256 + octet, 0)
const hex = (value: number, width: number) => value.toString(16).padStart(width, '0')
const groups = (address: string) => {
  const [a = 0, b = 0, c = 0, d = 0] = octets(address)
  return `${hex(a * 256 + b, 1)}:${hex(c * 256 + d, 1)}`
}

/** Spellings of one IPv4 address that readers of web addresses take for it. */
const spelled = (address: string): string[] => {
  const [a = 0, b = 0, c = 0, d = 0] = octets(address)
  const whole = number(address)
  return [
    `${address}.`,
    String(whole),
    `0x${hex(whole, 8)}`,
    `0X${hex(whole, 8).toUpperCase()}`,
    `0${whole.toString(8)}`,
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    [a, b, c, d].map(octet => `0${octet.toString(8)}`).join('.'),
    [a, b, c, d].map(octet => `0x${hex(octet, 2)}`).join('.'),
    `0x${hex(a, 2)}.${b}.0${c.toString(8)}.${d}`,
    [...address].map(digit => `%${hex(digit.charCodeAt(0), 2)}`).join(''),
    address.replaceAll('.', '%2E'),
    address.replaceAll('.', '。'),
    [...address].map(digit => (digit === '.' ? '．' : String.fromCodePoint(0xfee0 + digit.charCodeAt(0)))).join(''),
    address.replaceAll('1', '①'),
  ]
}

/** IPv6 that carries the IPv4 address to somebody who sends it on. */
const carried = (address: string): string[] => [
  `::ffff:${address}`,
  `::ffff:${groups(address)}`,
  `0:0:0:0:0:FFFF:${groups(address)}`,
  `64:ff9b::${groups(address)}`,
  `2002:${groups(address)}::1`,
]

const SPELLED = ['127.0.0.1', '169.254.169.254', '10.0.0.1', '192.168.1.1', '100.100.100.200', '0.0.0.0']

const literals: Vector[] = [
  ...INNER_V4.map(host => refused(host)),
  ...INNER_V6.map(host => refused(`[${host}]`)),
  ...SPELLED.flatMap(spelled).map(host => refused(host)),
  ...SPELLED.flatMap(carried).map(host => refused(`[${host}]`)),
  ...PUBLIC_V4.map(host => ({ host, admitted: [host] })),
  ...PUBLIC_V6.map(host => ({ host: `[${host}]`, admitted: [host] })),
  ...[
    '16843009',
    '0x01010101',
    '0100200401',
    '1.1.257',
    '1.65793',
    '%31.1.1.1',
    '1.1.1.1.',
    ':@1.1.1.1',
    '１.１.１.１',
  ].map(host => ({
    host,
    admitted: ['1.1.1.1'],
  })),
  ...carried('8.8.8.8').map(host => ({ host: `[${host}]`, admitted: [host] })),
]

const METADATA = [
  'metadata.google.internal',
  'metadata',
  'instance-data',
  'rancher-metadata',
  'metadata.azure.internal',
]
const NAMES = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  'a.localhost',
  'ip6-localhost',
  'hook.test',
  'HOOK.test.',
  'bücher.test',
  'xn--bcher-kva.test',
]

const named: Vector[] = [
  ...METADATA.map(host => refused(host, ['169.254.169.254'])),
  ...NAMES.map(host => refused(host, ['127.0.0.1'])),
  ...NAMES.map(host => refused(host, ['::1', '127.0.0.1'])),
  ...['127.0.0.1.nip.io', '169-254-169-254.sslip.io', '1.1.1.1.evil.test', 'a%2eevil.test'].map(host =>
    refused(host, ['10.0.0.1']),
  ),
  ...INNER_V4.map(address => refused('rebound.test', [address])),
  ...INNER_V6.map(address => refused('rebound.test', [address])),
  // Both families are looked at, in whichever order; one inner address condemns the name.
  ...['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', 'fe80::1%eth0', 'fd00::1', '::ffff:10.0.0.1'].flatMap(
    inner => [refused('mixed.test', ['1.1.1.1', inner]), refused('mixed.test', [inner, '2606:4700:4700::1111'])],
  ),
  refused('nothing.test', []),
  refused('nonsense.test', ['not an address']),
  refused('nonsense.test', ['1.1.1.1', '']),
  refused('zone.test', ['2606:4700:4700::1111%eth0', '::1%lo']),
  ...PUBLIC_V4.map(address => ({ host: 'public.test', resolves: [address], admitted: [address] })),
  ...PUBLIC_V6.map(address => ({ host: 'public.test', resolves: [address], admitted: [address] })),
  { host: 'both.test', resolves: ['2606:4700:4700::1111', '1.1.1.1'], admitted: ['1.1.1.1', '2606:4700:4700::1111'] },
  { host: 'PUBLIC.test.', resolves: ['1.1.1.1'], admitted: ['1.1.1.1'] },
]

/** What is no host that a request may have: with a user before it, a zone, or no form at all. */
const malformed: Vector[] = [
  ...['user@1.1.1.1', 'user:password@1.1.1.1', '1.1.1.1@127.0.0.1', '1.1.1.1%40127.0.0.1'],
  ...['[fe80::1%eth0]', '[fe80::1%25eth0]', '[::1', '::1', '[127.0.0.1]', '[::ffff:127.0.0.1.]', '[1::2::3]', ''],
  ...[
    '256.256.256.256',
    '1.1.1.1.1',
    '0x100000000',
    '4294967296',
    '1.1.1.256',
    '08.8.8.8',
    'a b',
    'a<b',
    'a%00b',
    'a%0d%0ab',
  ],
].map(host => refused(host))

/** With nothing in `network.allow`, by https. */
export const vectors: readonly Vector[] = [...literals, ...named, ...malformed]
