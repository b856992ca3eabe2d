/** A place to run what the documentation shows: a folder with a configuration, a service on it that has given up a delivery, and a shell that
 *  finds `support-relay` and `npx`. */
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './docs-blocks.ts'
import { answerWith, startReceiver } from './receiver.ts'
import { HOOK_SECRET, home, post, SECRET, token } from './service.ts'

export type DocsStage = {
  readonly folder: string
  /** The ticket whose delivery to `support` was given up. */
  readonly reference: string
  readonly id: string
  /** Runs commands one after the other in one shell; the first that fails ends it. */
  shell(script: string, more?: Record<string, string>): Promise<{ code: number; said: string }>
  dispose(): Promise<void>
}

export const startDocsStage = async (): Promise<DocsStage> => {
  const receiver = await startReceiver()
  // There was one that the configuration does not name any more.
  const place = home(configuration(receiver.url).replace('  new:', '  old:'))
  await (await place.start()).end('SIGTERM')
  writeFileSync(place.config, configuration(receiver.url))
  const bin = join(place.folder, 'bin')
  mkdirSync(bin)
  command(join(bin, 'support-relay'), `exec '${process.execPath}' '${join(root, 'bin', 'support-relay.js')}' "$@"`)
  command(join(bin, 'npx'), `exec "$@"`)
  receiver.reply = answerWith(400, 'invalid_payload')
  const { address } = await place.start()
  const answer = await post(address, { message: 'It broke.' })
  const id = answer.headers.get('ticket-id') ?? ''
  const reference = answer.headers.get('ticket-reference') ?? ''
  await givenUp(address)
  receiver.reply = answerWith(200, 'ok')

  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    TOKEN: token(),
    accessToken: token(),
    host: address,
  }
  return {
    folder: place.folder,
    reference,
    id,
    shell: (script, more = {}) =>
      new Promise(resolve => {
        const text = script.replaceAll('http://127.0.0.1:8080', address)
        const options = { cwd: place.folder, env: { ...env, ...more }, timeout: 150_000 }
        execFile('sh', ['-e', '-c', text], options, (error, stdout, stderr) =>
          resolve({ code: error ? Number(error.code ?? 1) : 0, said: stdout + (error ? stderr : '') }),
        )
      }),
    async dispose() {
      await place.dispose()
      await receiver.close()
    },
  }
}

const configuration = (receiver: string): string => `
server: { port: 0 }
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
  support: { kind: slack, url: "${receiver}/services/T0/B0/support", rate: 50/s }
  archive: { kind: webhook, url: "${receiver}/archive", secret: "${HOOK_SECRET}" }
  new: { kind: webhook, url: "${receiver}/new", secret: "${HOOK_SECRET}" }
routes: [{ to: [support] }]
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
`

const command = (path: string, text: string): void => {
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
}

const givenUp = async (address: string): Promise<void> => {
  const headers = { authorization: `Bearer ${token({ role: 'ADMIN' })}` }
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    const answer = await fetch(`${address}/api/support/browseDeliveries?filterState=DEAD`, { headers })
    if ((await answer.json()).items.length > 0) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error('the delivery was not given up')
}
