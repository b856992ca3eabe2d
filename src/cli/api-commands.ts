/** The commands that make a call: their options, their help, and the files that do it. */
import type { Command } from 'commander'
import { DatabaseRefused, FolderRefused } from '../app.ts'
import type { CallParts } from './call.ts'
import { type DeliveriesOptions, deliveries } from './deliveries.ts'
import { type DestinationOptions, listDestinations, steerDestination, testDestination } from './destinations.ts'
import { type ReplayOptions, replay } from './replay.ts'
import { type SendOptions, send } from './send.ts'
import { apiOf, bytes, io, progress, readInput, type Where } from './system.ts'
import { type TicketsOptions, tickets } from './tickets.ts'

const partsFor = (where: Where): CallParts => ({
  open: () => apiOf(where),
  refusal: error => (error instanceof FolderRefused || error instanceof DatabaseRefused ? error.message : undefined),
  progress,
})

/** @param end takes the exit code */
export const addApiCommands = (program: Command, end: (code: number) => void): void => {
  reaching(program.command('send'))
    .description('submit a ticket, to see that it arrives')
    .option('--message <text>', 'the text, or - for standard input')
    .option('--subject <text>', 'a line above it')
    .option('--type <type>', 'BUG, SUGGESTION or QUESTION')
    .addHelpText(
      'after',
      examples('send --message "Is anybody there?"', 'send --type BUG --subject "Upload" --message -'),
    )
    .action(async (options: Where & SendOptions) => {
      const key = Buffer.from(bytes(18)).toString('base64url')
      end(await send(options, io, { ...partsFor(options), read: readInput, key }))
    })

  reaching(program.command('tickets [reference]'))
    .description('list tickets, newest first; or one, with all that happened to it and where it went')
    .option('--search <words>', 'that hold all these words, meant literally')
    .option('--status <status>', 'RECEIVED, IN_PROGRESS, WAITING_FOR_USER, ANSWERED or CLOSED')
    .option('--type <type>', 'BUG, SUGGESTION or QUESTION')
    .option('--user <name>', 'written by this user')
    .option('--destination <name>', 'with a delivery to this destination')
    .option('--delivery <state>', 'with a delivery that is PENDING, DELIVERED or DEAD')
    .option('--from <moment>', 'received from this moment on, such as 2026-11-28T10:00Z')
    .option('--to <moment>', 'received before this moment')
    .option('--limit <number>', 'so many at most (20)')
    .option('--next <token>', 'what follows; a list that goes on ends with it')
    .addHelpText(
      'after',
      examples('tickets --delivery DEAD', 'tickets --search "upload fails"', 'tickets SUP-7K3F-Q2MX'),
    )
    .action(async (reference: string | undefined, options: Where & TicketsOptions) =>
      end(await tickets(reference, options, io, partsFor(options))),
    )

  withDeliveryFilters(reaching(program.command('deliveries')))
    .description('list deliveries, newest first: what went where, what waits, and what was given up and why')
    .option('--state <state>', 'PENDING, DELIVERED or DEAD')
    .option('--limit <number>', 'so many at most (20)')
    .option('--next <token>', 'what follows; a list that goes on ends with it')
    .addHelpText('after', examples('deliveries --state DEAD', 'deliveries --ticket SUP-7K3F-Q2MX --json'))
    .action(async (options: Where & DeliveriesOptions) => end(await deliveries(options, io, partsFor(options))))

  withDeliveryFilters(reaching(program.command('replay')))
    .description('send again what was given up (or delivered): all that passes every filter')
    .option('--id <id...>', 'ids of deliveries')
    .option('--state <state>', 'DEAD (the default), DELIVERED or PENDING')
    .option('--to-destination <name>', 'to another destination instead')
    .option('--dry-run', 'only count')
    .option('--why <text>', 'why, for whoever reads the audit later')
    .addHelpText(
      'after',
      examples(
        'replay --destination support --dry-run',
        'replay --reason http-404 --from 2026-11-28T10:00Z',
        'replay --ticket SUP-7K3F-Q2MX --to-destination archive',
      ),
    )
    .action(async (options: Where & ReplayOptions) => end(await replay(options, io, partsFor(options))))

  const destinations = program
    .command('destinations')
    .description('see how the destinations fare; test, pause, resume one')
  reaching(destinations.command('list'))
    .description('show all, with their state and what waits')
    .addHelpText('after', examples('destinations list'))
    .action(async (options: Where & DestinationOptions) => end(await listDestinations(options, io, partsFor(options))))
  reaching(destinations.command('test <name>'))
    .description('send a test message; ends with 1 where it was not taken')
    .addHelpText('after', examples('destinations test support'))
    .action(async (name: string, options: Where & DestinationOptions) =>
      end(await testDestination(name, options, io, partsFor(options))),
    )
  for (const order of ['pause', 'resume'] as const) {
    reaching(destinations.command(`${order} <name>`))
      .description(order === 'pause' ? 'hold back everything for it' : 'let it go on')
      .addHelpText('after', examples(`destinations ${order} support`))
      .action(async (name: string, options: Where & DestinationOptions) =>
        end(await steerDestination(name, order, options, io, partsFor(options))),
      )
  }
}

const examples = (...lines: readonly string[]): string =>
  `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map(line => `  support-relay ${line}`).join('\n')}`

/** Through the running service, or on its folder. */
const reaching = (command: Command): Command =>
  command
    .option('--config <file>', 'the configuration file')
    .option('--data <folder>', 'the data folder instead of the configured one')
    .option('--json', 'print the answer of the API')

const withDeliveryFilters = (command: Command): Command =>
  command
    .option('--ticket <id>', 'of this ticket: its id or reference')
    .option('--destination <name>', 'to this destination')
    .option('--reason <code>', 'with exactly this reason')
    .option('--from <moment>', 'of events from this moment on, such as 2026-11-28T10:00Z')
    .option('--to <moment>', 'of events before this moment')
