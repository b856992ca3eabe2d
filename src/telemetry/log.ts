/** The log: JSON lines that hold ids, codes and counts; never ticket text, tokens, hook addresses or queries. */
import { pino } from 'pino'

export type Log = {
  info(what: string, facts?: Facts): void
  warn(what: string, facts?: Facts): void
  /** `error` is logged by its name, message and code; its cause too. */
  error(what: string, error: unknown, facts?: Facts): void
}

export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>

/** @param write receives whole lines */
export const createLog = (write: (line: string) => void, level: 'debug' | 'info' | 'warn' | 'silent' = 'info'): Log => {
  const log = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
    },
    { write },
  )
  return {
    info: (what, facts) => log.info(facts ?? {}, what),
    warn: (what, facts) => log.warn(facts ?? {}, what),
    error: (what, error, facts) => log.error({ ...facts, ...describe(error) }, what),
  }
}

/** No stack and no properties: an error of a client library may carry the request, and with it a secret address. */
const describe = (error: unknown, depth = 0): Record<string, unknown> => {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = 'code' in error ? { code: String(error.code) } : {}
  const at = error.stack
    ?.split('\n')
    .find(line => /^\s+at /.test(line))
    ?.trim()
  const cause = error.cause !== undefined && depth < 3 ? { cause: describe(error.cause, depth + 1) } : {}
  return { error: `${error.name}: ${withoutAddresses(error.message)}`, ...code, ...(at ? { at } : {}), ...cause }
}

const withoutAddresses = (message: string): string => message.replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[address]')
