/** What several rows have in common. */
import { jsonBytes } from '../domain/cut.ts'
import type { Setting } from '../domain/destination.ts'
import { plainLine, quotedBlock } from './dialects.ts'
import type { Row } from './row.ts'
import { textSetting, urlProblem } from './settings.ts'
import type { TextForm } from './text-message.ts'

export const SECOND = 1_000
export const DAY = 86_400_000

/** A text in which nothing is read as markup. @param max bytes of JSON */
export const plain = (max: number): TextForm => ({ max, measure: jsonBytes, line: plainLine, block: quotedBlock })
export const hookUrl: Row['to'] = settings => ({ url: textSetting(settings, 'url') })
export const server: Setting = { title: 'Address of the server', type: 'url', problem: urlProblem }
export const ownServer: Setting = { ...server, title: 'Address of a server of your own', optional: true }
