/** What the commands of cli/ need of the rooms: they know this file only. What serves, and what speaks to a database, is loaded when it is called:
 *  most commands and a start that is refused need neither, and are done in half the time. */
import type { Api } from './app/call.ts'
import type * as Database from './app/database.ts'
import type * as Move from './app/move.ts'
import type { Service, ServiceOptions } from './app/service.ts'
import type { Config } from './config/config.ts'

export type { Api, ApiRequest } from './app/call.ts'
export type { SchemaStep } from './app/database.ts'
export type { Moved, MoveOrder, MoveProgress } from './app/move.ts'
export { DatabaseRefused, MoveUnfinished } from './app/refused.ts'
export { versionOfPackage } from './app/version.ts'
export { explainRoutes, type RouteAnswer, type RouteQuestion } from './config/explain-routes.ts'
export { systemFiles } from './config/files.ts'
export { loadConfig } from './config/load.ts'
export { type MoveOptions, readMoveOptions } from './config/move-options.ts'
export type { ConfigProblem } from './config/problem.ts'
export { type Summary, summarize } from './config/summary.ts'
export { destinationKinds } from './destinations/index.ts'
export { adviceOnTest } from './domain/advice.ts'
export type { Finding } from './domain/finding.ts'
export { typeFrom } from './domain/submission.ts'
export { chatText, oneLine } from './domain/text.ts'
export { demoToken, developmentToken, loginUrl, type TokenClaims } from './http/demo.ts'
export { AddressRefused } from './http/listen.ts'
export { grantsTo } from './store/postgres/rights.ts'
export { backUp, restore } from './store/sqlite/backup.ts'
export { announcedService, FolderRefused } from './store/sqlite/folder.ts'
export { BackupRefused, type Manifest } from './store/sqlite/manifest.ts'
export { createLog } from './telemetry/log.ts'
export type { Config }

/** Resolves when tickets are taken and deliveries go out. @throws FolderRefused, DatabaseRefused, AddressRefused */
export const startService = async (config: Config, options: ServiceOptions): Promise<Service> =>
  (await import('./app/service.ts')).startService(config, options)

/** @throws FolderRefused, DatabaseRefused with a sentence that says what to do */
export const openApi = async (config: Config): Promise<Api> => (await import('./app/call.ts')).openApi(config)

const database = () => import('./app/database.ts')
export const planMigration: typeof Database.planMigration = async (...given) =>
  (await database()).planMigration(...given)
export const migrateDatabase: typeof Database.migrateDatabase = async (...given) =>
  (await database()).migrateDatabase(...given)
export const examineDatabase: typeof Database.examineDatabase = async (...given) =>
  (await database()).examineDatabase(...given)
export const move: typeof Move.move = async (...given) => (await import('./app/move.ts')).move(...given)
