/** The command line: which command, with which options; each is a file beside this one. */
import './young-generation.ts' // before anything else is loaded
import { resolve } from 'node:path'
import { Command, CommanderError } from 'commander'
import {
  backUp,
  type Config,
  createLog,
  developmentToken,
  explainRoutes,
  restore,
  summarize,
  typeFrom,
  versionOfPackage,
} from '../app.ts'
import { addApiCommands } from './api-commands.ts'
import { backup } from './backup.ts'
import { check } from './check.ts'
import { addDatabaseCommands } from './database-commands.ts'
import { EXIT_WRONG, refuse } from './io.ts'
import { loginLink } from './login-link.ts'
import { routesExplain } from './routes-explain.ts'
import { EXIT_FAILED, serve } from './serve.ts'
import { servingParts } from './serving.ts'
import { configToSign, io, load, newLink, problemsIn, refusal, type Where, whereOf } from './system.ts'
import { type TokenOptions, token } from './token.ts'

// Whoever reads us may leave early (`| head`); that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const EXIT_CODES = `
Exit codes:
  0  done, or stopped as asked
  1  something failed that should not have (doctor: there are warnings)
  2  the configuration has problems, or the command was not used rightly
  3  the data folder cannot be used (not writable, in use, damaged, of a newer version, full, moved; restore: not empty), or
     the database cannot
  4  the address cannot be listened on
  5  the backup cannot be used or written
  6  the move has not come to its end: run it again`

const program = new Command('support-relay')
  .description('Takes support tickets from signed-in users and delivers them to the team, whatever happens.')
  .version(versionOfPackage(), '--version', 'print the version')
  .addHelpText('after', EXIT_CODES)
  .showHelpAfterError('Run "support-relay --help", or "support-relay COMMAND --help".')
  .exitOverride()

withWhere(program.command('serve'))
  .description('run the service, as without any command (without a configuration: the evaluation mode)')
  .action(async (where: Where) => end(await serve(io, servingParts(where))))

withWhere(program.command('check'))
  .description('show every problem of the configuration at once, or what it amounts to')
  .option('--json', 'print one JSON document')
  .action(async (options: Where & { json?: boolean }) =>
    end(await check(options, io, { loadConfig: where => load(whereOf(where), false), summarize })),
  )

program
  .command('routes')
  .description('look at the routes of the configuration')
  .command('explain')
  .description('show which rule takes a ticket, and why the others do not')
  .option('--config <file>', 'the configuration file')
  .option('--type <type>', 'BUG, SUGGESTION, QUESTION or none')
  .option('--role <role>', 'USER or ADMIN')
  .option('--organization <name>', "the writer's organisation")
  .option('--email <address>', "the writer's mail address")
  .option('--project <id>', 'the project the writer is in')
  .option('--subject <text>')
  .option('--message <text>')
  .option('--json', 'print one JSON document')
  .addHelpText('after', '\nExample:\n  support-relay routes explain --type BUG --email ada@sdu.dk')
  .action(async options =>
    end(
      await routesExplain(options, io, {
        loadConfig: where => load(whereOf(where), false),
        explainRoutes: (config: Config, question) =>
          explainRoutes(config, question, (_subject, message) => typeFrom(message)),
      }),
    ),
  )

addApiCommands(program, end)

withWhere(program.command('token'))
  .description('print a token for development, signed with the shared secret of the configuration')
  .option('--user <name>', 'who it stands for (developer)')
  .option('--role <role>', 'USER (the default) or ADMIN')
  .option('--name <name>', 'their real name')
  .option('--email <address>', 'their mail address')
  .option('--hours <number>', 'how long it is good for (8; at most a week)')
  .option('--json', 'print one JSON document')
  .addHelpText(
    'after',
    '\nExamples:\n  support-relay token --user Ada#1234 --name "Ada Lovelace"\n  support-relay token --role ADMIN --hours 1 --json',
  )
  .action((options: Where & TokenOptions) =>
    end(
      token(options, io, {
        load: () => configToSign(options),
        sign: developmentToken,
        now: Date.now(),
      }),
    ),
  )

withWhere(program.command('login-link'))
  .description('print a new one-time sign-in link (evaluation mode)')
  .option('--staff', 'for the demo staff instead of the demo user')
  .option('--json', 'print one JSON document')
  .action((options: Where & { staff?: boolean; json?: boolean }) =>
    end(loginLink(options, io, { make: role => newLink(options, role) })),
  )

withFolder(program.command('backup <target>'))
  .description('copy the data into a new folder, while the service runs or not')
  .action((target: string, options: InFolder) =>
    inFolder(options, folder => ({
      done: `Backed up ${folder} into ${target}`,
      work: () => backUp(folder, resolve(io.cwd, target), Date.now()),
    })),
  )

withFolder(program.command('restore <backup>'))
  .description('check a backup and put it into an empty data folder; the next start delivers what was pending')
  .action((source: string, options: InFolder) =>
    inFolder(options, folder => ({
      done: `Restored ${source} into ${folder}`,
      work: () => restore(resolve(io.cwd, source), folder),
    })),
  )

addDatabaseCommands(program, end)

type InFolder = Where & { readonly json?: boolean }

function withFolder(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration file that names the data folder')
    .option('--data <folder>', 'the data folder; no configuration is read then')
    .option('--json', 'print one JSON document')
}

/** With `--data` a backup needs no secret of the configuration, so that it can run where those are not. */
function inFolder(options: InFolder, parts: (folder: string) => Pick<Parameters<typeof backup>[2], 'work' | 'done'>) {
  process.umask(0o077)
  const loaded = options.data === undefined ? load(whereOf(options), false) : undefined
  if (loaded && !('config' in loaded)) {
    return end(refuse(options, io, `${problemsIn(loaded)} With --data none is read.`, EXIT_WRONG))
  }
  if (loaded?.config.store.postgres) {
    const why = 'The tickets are in a PostgreSQL: back it up with its own means, such as pg_dump or a base backup.'
    return end(refuse(options, io, why, EXIT_WRONG))
  }
  end(backup(options, io, { ...parts(loaded?.config.store.folder ?? resolve(io.cwd, options.data ?? '')), refusal }))
}

function withWhere(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration file')
    .option('--port <number>', 'listen on this port instead of the configured one')
    .option('--data <folder>', 'keep the data in this folder instead of the configured one')
}

function end(code: number): void {
  process.exitCode = code
  // Whatever still holds the process (a connection of somebody else's) has no say any more.
  setTimeout(() => process.exit(code), 500).unref()
}

const args = process.argv.slice(2)
// Not by commander's own default command: that takes a command's name that was mistyped for an argument.
const isServe = args[0] === undefined || (args[0].startsWith('-') && !['--help', '-h', '--version'].includes(args[0]))
try {
  await program.parseAsync(isServe ? ['serve', ...args] : args, { from: 'user' })
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_WRONG
    const why = error.message.replace(/^error: /, '')
    if (error.exitCode !== 0 && args.includes('--json')) refuse({ json: true }, io, why, EXIT_WRONG)
  } else {
    createLog(line => process.stderr.write(line)).error('ended by a mistake of ours', error)
    process.exitCode = EXIT_FAILED
  }
}
