/** The commands for a database: their options, their help, and the files that do it. */
import type { Command } from 'commander'
import { examineDatabase, grantsTo, migrateDatabase, move, planMigration, summarize } from '../app.ts'
import { type DoctorOptions, doctor } from './doctor.ts'
import { EXIT_WRONG } from './io.ts'
import { type MigrateOptions, migrate } from './migrate.ts'
import { type MoveCommand, moveData } from './move.ts'
import { io, load, moveOptions, problemsIn, progress, refusal, type Where, whereOf } from './system.ts'

/** @param end takes the exit code */
export const addDatabaseCommands = (program: Command, end: (code: number) => void): void => {
  program
    .command('migrate')
    .description('bring the schema of the database to what this version needs, which serve does too where it may')
    .option('--config <file>', 'the configuration file that names the database')
    .option('--plan', 'only show what would be applied')
    .option('--grant-to <role>', 'then print the statements that let this role serve, and nothing else')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  support-relay migrate --plan
  support-relay migrate --grant-to relay

Exit codes: 0 done · 2 configuration or usage, or there is no database · 3 the database cannot be used or changed`,
    )
    .action(async (options: Where & MigrateOptions) =>
      end(
        await migrate(options, io, {
          load: () => {
            const loaded = configured(options)
            return 'config' in loaded ? { address: loaded.config.store.postgres } : loaded
          },
          plan: planMigration,
          apply: migrateDatabase,
          grantsTo,
          refusal,
          progress,
        }),
      ),
    )

  program
    .command('doctor')
    .description('look at the database that the configuration names, and say what loses tickets or does not work')
    .option('--config <file>', 'the configuration file that names the database')
    .option('--patroni <url...>', 'also ask the Patroni whose REST API is there')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  support-relay doctor
  support-relay doctor --json --patroni http://db1.example.org:8008 http://db2.example.org:8008

Exit codes: 0 nothing to object to · 1 warnings · 2 configuration or usage · 3 something is refused`,
    )
    .action(async (options: Where & DoctorOptions) =>
      end(
        await doctor(options, io, {
          load: () => {
            const loaded = configured(options)
            if (!('config' in loaded)) return loaded
            const { config } = loaded
            const { folder, database } = summarize(config)
            const { postgres } = config.store
            if (postgres === null && options.patroni) return { why: NO_PATRONI, code: EXIT_WRONG }
            return postgres === null
              ? { store: `The folder ${folder}, which each start looks at itself`, examine: async () => [] }
              : {
                  store: `The PostgreSQL database ${database}`,
                  examine: patroni => examineDatabase(config, postgres, patroni),
                }
          },
        }),
      ),
    )

  program
    .command('move')
    .description(
      'move the data of a stopped service from its folder into an empty PostgreSQL; killed, it goes on when it is run again',
    )
    .requiredOption('--from <folder>', 'the data folder')
    .option('--to <address>', "the database; a password as '${NAME}' or '${file:/path}'")
    .option('--config <file>', 'the configuration file that names the database, instead of --to')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      "\nExamples:\n  support-relay move --from ./data --to 'postgres://relay:${DB_PASSWORD}@db1,db2/relay'\n  support-relay move --from ./data --config support-relay.yaml",
    )
    .action(async (options: MoveCommand) => {
      process.umask(0o077)
      end(
        await moveData(options, io, {
          read: moveOptions,
          load: config => load({ config }, false),
          move,
          refusal,
          progress,
        }),
      )
    })
}

const NO_PATRONI = 'The tickets are in a folder, so there is no Patroni to ask: leave --patroni out.'

const configured = (where: Where) => {
  const loaded = load(whereOf(where), false)
  return 'config' in loaded ? loaded : { why: problemsIn(loaded), code: EXIT_WRONG }
}
