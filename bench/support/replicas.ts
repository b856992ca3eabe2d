/** The pace that two services keep together, seen by those they send to: each destination is served by one of them at a time. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '../../src/domain/clock.ts'
import { idMaker } from '../../src/domain/id.ts'
import { ticket } from '../../test/contracts/store/arrange.ts'
import { SECRET } from './arrange.ts'
import { type Database, openStore } from './postgres.ts'
import { type Measured, stopProgram } from './processes.ts'

const RATES: Readonly<Record<string, number>> = { five: 5, ten: 10, twenty: 20, fifty: 50 }
/** Until both have their share. */
const SETTLING_MS = 35_000

/** Each service is configured with a path of its own. */
type Arrival = { readonly name: string; readonly at: number; readonly service: string }

export type Paces = {
  readonly paces: readonly { readonly name: string; readonly wanted: number; readonly measured: number }[]
  /** How many destinations got requests from both while nothing changed hands. */
  readonly shared: number
}

export const keepPace = async (
  database: Database,
  serve: (config: string) => Promise<Measured>,
  seconds: number,
): Promise<Paces> => {
  const names = Object.keys(RATES)
  const store = await openStore(database)
  const nextId = idMaker(systemClock, systemRandom)
  const count = Math.max(...Object.values(RATES)) * (seconds + 40)
  for (let left = count; left > 0; left -= 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, i) => {
        const username = `User#${i % 50}`
        return store.accept(
          ticket({ id: nextId(), createdAt: Date.now(), username, destinations: names, limitPerHour: 1e6 }),
        )
      }),
    )
  await store.close()

  const arrivals: Arrival[] = []
  const receiver = createServer((request, response) => {
    const [, service = '', name = ''] = request.url?.split('/') ?? []
    arrivals.push({ name, at: performance.now(), service })
    request.resume().on('end', () => response.end('ok'))
  })
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo // it listens on TCP
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-bench-'))
  const configFor = (service: string): string => {
    const path = join(folder, `${service}.yaml`)
    const places = Object.entries(RATES).map(
      ([name, rate]) =>
        `  ${name}: { kind: webhook, url: "http://127.0.0.1:${port}/${service}/${name}", secret: whsec_${Buffer.alloc(32, 7).toString('base64')}, rate: ${rate}/s }`,
    )
    writeFileSync(
      path,
      `server: { port: 0 }\nstore: ${database.url}\nauth: { issuer: bench, sharedSecret: "${SECRET}" }\ndestinations:\n${places.join('\n')}\nroutes: [{ to: [${names.join(', ')}] }]\nnetwork: { allow: [127.0.0.0/8] }\nmetrics: { port: 0 }\n`,
    )
    return path
  }
  const services = [await serve(configFor('first')), await serve(configFor('second'))]
  const epochs = async () =>
    JSON.stringify((await database.ask('select name, epoch from support.destinations order by name')).rows)
  await new Promise(resolve => setTimeout(resolve, SETTLING_MS))
  const from = performance.now()
  const before = await epochs()
  await new Promise(resolve => setTimeout(resolve, seconds * 1_000))
  const to = performance.now()
  if ((await epochs()) !== before) console.log('  a lease changed hands while the pace was measured')
  for (const service of services) await stopProgram(service)
  receiver.close()
  rmSync(folder, { recursive: true })

  const seen = arrivals.filter(({ at }) => at >= from && at < to)
  const of = (name: string) => seen.filter(arrival => arrival.name === name)
  return {
    paces: Object.entries(RATES).map(([name, wanted]) => ({
      name,
      wanted,
      measured: of(name).length / ((to - from) / 1_000),
    })),
    shared: names.filter(name => new Set(of(name).map(({ service }) => service)).size > 1).length,
  }
}
