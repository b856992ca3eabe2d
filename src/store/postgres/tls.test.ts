import assert from 'node:assert/strict'
import { chownSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  certificate,
  earlyCertificate,
  expiredCertificate,
  issuedCertificate,
  key,
} from '../../../test/contracts/certificate.ts'
import { HeldClock } from '../../../test/support/held-clock.ts'
import { administer } from '../../../test/support/postgres.ts'
import { startPostgres } from '../../../test/support/postgres-server.ts'
import { startTcpProxy } from '../../../test/support/tcp-proxy.ts'
import { systemClock } from '../../domain/clock.ts'
import type { PostgresAddress } from '../../domain/postgres-address.ts'
import { connect } from './connection.ts'
import { hostsOf, isTrouble } from './hosts.ts'

const server = await startPostgres(['listen_addresses=127.0.0.1,127.0.0.2'])
after(() => server.end())

const present = async (chain: string): Promise<void> => {
  const { uid, gid } = statSync(server.data)
  for (const [name, pem] of [
    ['server.key', key],
    ['server.crt', chain],
  ] as const) {
    const file = join(server.data, name)
    writeFileSync(file, pem, { mode: 0o600 })
    chownSync(file, uid, gid)
  }
  await server.stop()
  await server.start()
}
await administer(`postgres://postgres@127.0.0.1:${server.port}/postgres`, 'alter system set ssl = on')
await present(certificate)

const address = (tls: PostgresAddress['tls'], host = '127.0.0.1', port = server.port): PostgresAddress => ({
  hosts: [{ host, port }],
  database: 'postgres',
  user: 'postgres',
  password: null,
  tls,
  pooler: 'none',
})
const found = async (at: PostgresAddress): Promise<string> => {
  const connection = await hostsOf(at, systemClock).find()
  if (isTrouble(connection)) return `${connection.isPermanent ? 'for good: ' : ''}${connection.message}`
  const { rows } = await connection.ask('select ssl from pg_stat_ssl where pid = pg_backend_pid()', [], 5_000)
  await connection.close()
  return rows[0]?.ssl === true ? 'encrypted' : 'in the clear'
}

for (const [what, at, answer] of [
  ['checked with its authority', address({ ca: certificate, isVerified: true }), /^encrypted$/],
  ['by its name', address({ ca: certificate, isVerified: true }, 'localhost'), /^encrypted$/],
  ['not checked', address({ ca: null, isVerified: false }), /^encrypted$/],
  ['not asked for', address(null), /^in the clear$/],
  ['with an authority nobody knows', address({ ca: null, isVerified: true }), /^for good: .*authority.*`caFile`/],
  ['of another name', address({ ca: certificate, isVerified: true }, '127.0.0.2'), /^for good: .*another name/],
] as const)
  test(`a certificate ${what}`, async () => {
    assert.match(await found(at), answer)
  })

test('an answer that does not come ends an encrypted connection too', async t => {
  const clock = new HeldClock()
  const proxy = await startTcpProxy(t, server)
  const at = address({ ca: certificate, isVerified: true }, '127.0.0.1', proxy.port)
  const connection = await connect(at, { host: '127.0.0.1', port: proxy.port }, clock)
  proxy.freeze()
  const answer = assert.rejects(connection.ask('select 1', [], 5_000), { code: 'NO_ANSWER' })
  await clock.awaited(5_000)
  clock.pass(5_000)
  await answer
  assert.equal(connection.isLost, true)
  const ending = connection.close()
  proxy.cut()
  await ending
})

const checked = (ca: string | null) => address({ ca, isVerified: true })

for (const [what, chain, ca, answer] of [
  ['that an authority issued', issuedCertificate, certificate, /^encrypted$/],
  ['that an authority issued whom nobody knows', issuedCertificate, null, /^for good: .*authority.*`caFile`/],
  ['with its authority, whom nobody knows', issuedCertificate + certificate, null, /^for good: .*authority.*`caFile`/],
  ['that has run out', expiredCertificate, expiredCertificate, /^for good: .*expired/],
  ['that is not valid yet', earlyCertificate, earlyCertificate, /^its certificate is not valid yet: .*clocks/],
] as const)
  test(`a certificate ${what}`, async () => {
    await present(chain)
    assert.match(await found(checked(ca)), answer)
  })
