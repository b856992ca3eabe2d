/** The store on PostgreSQL, in one run: intake against the embedded store's, outcomes settled beside a long history, statements for a ticket, and
 *  the pace that two services keep together: `node bench/postgres.ts [seconds a round] [rounds] [deliveries in the history]`. The server is the
 *  development dependencies', with its defaults. Build first (`npm run build`). TMPDIR says where its data lies. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { arrange } from './support/arrange.ts'
import { makeDatabase, startCounter, startServer } from './support/postgres.ts'
import { load, median, startProgram, stopProgram } from './support/processes.ts'
import { keepPace } from './support/replicas.ts'
import { settleFor } from './support/settling.ts'

const [seconds = 5, rounds = 5, history = 1_000_000] = process.argv.slice(2).map(Number)
const root = join(import.meta.dirname, '..')
const server = await startServer()
const report = (what: string, figure: string, goal: string) => console.log(`${what}: ${figure} (goal ${goal})`)
const serve = (config: string) => startProgram([join(root, 'dist/src/cli/main.js'), 'serve', '--config', config])

{
  const shared = await arrange(null, await makeDatabase(server, 'intake'))
  const embedded = await arrange(null)
  const services = [await serve(shared.config), await serve(embedded.config)] as const
  const ratios: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const onSqlite = () => load(services[1].address, { connections: 64, seconds, env: embedded.env })
    const early = round % 2 === 0 ? await onSqlite() : undefined
    const many = await load(services[0].address, { connections: 64, seconds, env: shared.env })
    const base = early ?? (await onSqlite())
    ratios.push(many.perSecond / base.perSecond)
    console.log(
      `  PostgreSQL ${many.perSecond.toFixed(0)}/s, p99 ${many.p99Ms.toFixed(0)} ms, refused ${many.refused} · SQLite ${base.perSecond.toFixed(0)}/s, p99 ${base.p99Ms.toFixed(0)} ms · ratio ${ratios.at(-1)?.toFixed(2)}`,
    )
  }
  for (const service of services) await stopProgram(service)
  for (const { folder } of [shared, embedded]) rmSync(folder, { recursive: true })
  report('intake at 64 connections, PostgreSQL : SQLite', `${median(ratios).toFixed(2)}, median of ${rounds}`, '≥ 0.5')
}
{
  const database = await makeDatabase(server, 'settling')
  for (const inFlight of [64, 512]) {
    const { perSecond, batch } = await settleFor(database, { history, inFlight, seconds: 8 })
    report(
      `settled beside ${history} deliveries, ${inFlight} in flight, 4 destinations`,
      `${perSecond.toFixed(0)}/s, ${batch.toFixed(0)} a commit`,
      '≥ 10000/s',
    )
  }
}
{
  const bare = await startProgram([join(root, 'bench/support/bare.js')])
  const counter = await startCounter(server)
  const database = await makeDatabase(server, 'statements')
  const arranged = await arrange(bare.address, {
    ...database,
    url: database.url.replace(`:${server.port}/`, `:${counter.port}/`),
  })
  const service = await serve(arranged.config)
  const before = counter.statements()
  const { requests, perSecond } = await load(service.address, {
    connections: 64,
    seconds: 2 * seconds,
    env: arranged.env,
  })
  const taken = counter.statements() - before
  const pending = async () =>
    Number((await database.ask("select count(*) as n from support.deliveries where state = 'PENDING'")).rows[0].n)
  const waiting = await pending()
  while ((await pending()) > 0) await new Promise(resolve => setTimeout(resolve, 200))
  const all = counter.statements() - before
  report(
    `statements a ticket of two deliveries, from its request to the last outcome, at ${perSecond.toFixed(0)} tickets/s`,
    `${(all / requests).toFixed(2)}; ${(taken / requests).toFixed(2)} while they came in, with ${waiting} of ${2 * requests} deliveries left`,
    '≤ 4',
  )
  await stopProgram(service)
  await stopProgram(bare)
  counter.close()
  rmSync(arranged.folder, { recursive: true })
}
{
  const { paces, shared } = await keepPace(await makeDatabase(server, 'pace'), serve, 25)
  for (const { name, wanted, measured } of paces)
    report(
      `two services, ${name}`,
      `${measured.toFixed(2)}/s of ${wanted}/s (${((measured / wanted - 1) * 100).toFixed(1)} %)`,
      '± 5 %',
    )
  report('destinations served by both at a time', `${shared}`, '0')
}
await server.end()
