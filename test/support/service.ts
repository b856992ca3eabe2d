/** The real program as a child process: started from its source, killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import jwt from 'jsonwebtoken'

export const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')

export const SECRET = '0123456789abcdef'.repeat(4)
export const HOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** A token as UCloud's core makes them, signed by a library that is not ours. */
export const token = (claims: Record<string, unknown> = {}): string =>
  jwt.sign(
    {
      sub: 'Ada#1234',
      role: 'USER',
      firstNames: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@sdu.dk',
      orgId: 'sdu.dk',
      domain: 'sdu.dk',
      membership: { 'project-1': 'PI' },
      aud: ['all:write'],
      iss: 'cloud.sdu.dk',
      exp: Math.floor(Date.now() / 1_000) + 600,
      ...claims,
    },
    SECRET,
    { algorithm: 'HS512' },
  )

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Runs a command to its end. */
export const run = (
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: options.cwd ?? tmpdir(),
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A service that ought to have been refused would run on.
      timeout: 120_000,
    })
    child.stdin.on('error', () => {}) // it may end without reading
    child.stdin.end(options.input ?? '')
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', chunk => (stdout += chunk))
    child.stderr.on('data', chunk => (stderr += chunk))
    child.once('error', reject)
    child.once('close', code => resolve({ code, stdout, stderr }))
  })

/** Runs a command that may not come to its end. */
export const runKillable = (args: readonly string[]): { isOver(): boolean; kill(): Promise<void> } => {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' })
  const over = new Promise<void>(resolve => child.once('close', () => resolve()))
  return {
    isOver: () => child.exitCode !== null || child.signalCode !== null,
    async kill() {
      child.kill('SIGKILL')
      await over
    },
  }
}

export type Running = {
  readonly address: string
  readonly child: ChildProcess
  /** Everything printed so far. */
  printed(): string
  /** Sends the signal and resolves with the exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | string>
}

export type Home = {
  readonly folder: string
  readonly config: string
  start(): Promise<Running>
  dispose(): Promise<void>
}

/** A folder with a configuration; `start` runs the program on it, any number of times. */
export const home = (configuration: string): Home => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  const config = join(folder, 'support-relay.yaml')
  writeFileSync(config, configuration)
  const running: Running[] = []
  return {
    folder,
    config,
    async start() {
      const one = await startProgram(['serve', '--config', config, '--data', join(folder, 'data')], folder)
      running.push(one)
      return one
    },
    async dispose() {
      for (const { child, end } of running)
        if (child.exitCode === null && child.signalCode === null) await end('SIGKILL')
      rmSync(folder, { recursive: true })
    },
  }
}

/** @param under a command and its arguments that runs the program, such as a tracer */
export const startProgram = async (
  args: readonly string[],
  cwd: string,
  under: readonly string[] = [],
): Promise<Running> => {
  const { child, printed, listening, ended } = launch(MAIN, args, cwd, under)
  return {
    address: await listening,
    child,
    printed,
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

export type Launched = {
  readonly child: ChildProcess
  printed(): string
  /** The address, once it takes requests; fails when it ends before. */
  readonly listening: Promise<string>
  /** The exit code, or the signal's name. */
  readonly ended: Promise<number | string>
}

/** The program as soon as it is executed, long before it listens. @param main its source, or what was built of it */
export const launch = (main: string, args: readonly string[], cwd: string, under: readonly string[] = []): Launched => {
  const [command = process.execPath, ...words] = [...under, process.execPath, main, ...args]
  const child = spawn(command, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  let address = ''
  const ended = new Promise<number | string>(done =>
    child.once('close', (code, signal) => done(code ?? signal ?? 'gone')),
  )
  const listening = new Promise<string>((resolve, reject) => {
    void ended.then(code => reject(new Error(`it ended with ${code}: ${printed}`)))
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', line => {
        printed += `${line}\n`
        address = /(?:listens on|Form\s+)\s*(http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1] ?? address
        // The last line of what the evaluation mode prints, or the only one with a configuration.
        if (address && /listens on|^For real/.test(line)) resolve(address)
      })
    }
  })
  return { child, printed: () => printed, listening, ended }
}

/** Slack-shaped and signed-webhook destinations on one receiver. */
export const configurationFor = (receiver: string, more = ''): string => `
server: { port: 0 }
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
  devsupport: { kind: slack, url: "${receiver}/services/T0/B0/devsupport" }
  archive: { kind: webhook, url: "${receiver}/archive", secret: "${HOOK_SECRET}" }
routes: [{ to: [devsupport, archive] }]
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
${more}`

/** The configuration above without Slack's pace of one message a second, which would be the pace of a test. */
export const quickSlack = (configuration: string): string =>
  configuration.replace('devsupport" }', 'devsupport", rate: 1000/s }')

export const post = (address: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${address}/api/support/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
  })
