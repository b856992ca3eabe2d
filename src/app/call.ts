/** How a command reaches the tickets: through the service that runs on the folder, or, when none does, through one that stands in for it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { type Clock, type Random, systemClock, systemRandom } from '../domain/clock.ts'
import { announcedService, FolderRefused, isTaken } from '../store/sqlite/folder.ts'

export type ApiRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Parameters of a GET, the body of a POST; what is undefined is left out. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}
/** `body` is JSON. */
export type ApiAnswer = { readonly status: number; readonly body: string }
export type Api = {
  /** @throws FolderRefused when the service did not answer: what it did then is not known */
  call(request: ApiRequest): Promise<ApiAnswer>
  close(): Promise<void>
}

/** @throws FolderRefused, DatabaseRefused with a sentence that says what to do */
export const openApi = async (
  config: Config,
  { clock = systemClock, random = systemRandom }: { readonly clock?: Clock; readonly random?: Random } = {},
): Promise<Api> => {
  const { folder, postgres } = config.store
  if (postgres === null && !existsSync(join(folder, 'support-relay.db'))) {
    throw new FolderRefused(
      `There is no data in ${folder}. Name the folder of the service with --data or its --config.`,
    )
  }
  if (postgres === null && isTaken(folder)) return running(folder)
  const { standIn } = await import('./stand-in.ts')
  const { address, operator, close } = await standIn(config, clock, random)
  return { call: request => send(address, operator, request), close }
}

const running = (folder: string): Api => {
  const service = announcedService(folder)
  if (!service) {
    throw new FolderRefused(
      `The service that uses ${folder} does not say where it listens. Wait until it has started, or stop it; nothing was changed.`,
    )
  }
  return {
    async call(request) {
      try {
        return await send(service.address, service.operator, request)
      } catch (cause) {
        const what = `The service that uses ${folder} did not answer to the end, so it may have done a part of it.`
        throw new FolderRefused(`${what} Ask again once it runs: what was done already is not done twice.`, { cause })
      }
    },
    close: async () => {},
  }
}

/** A replay of very many takes a while; nothing takes longer. */
const TIMEOUT_MS = 300_000

const send = async (address: string, secret: string, request: ApiRequest): Promise<ApiAnswer> => {
  const { method, path, fields, headers } = request
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  const url = new URL(path, address)
  if (method === 'GET') for (const [name, value] of given) url.searchParams.set(name, String(value))
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(method === 'POST' && { body: JSON.stringify(Object.fromEntries(given)) }),
  })
  const body = await answer.text()
  JSON.parse(body) // Something else that listens there now answers otherwise.
  return { status: answer.status, body }
}
