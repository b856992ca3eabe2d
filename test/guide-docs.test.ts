/** docs/developer-guide/support.md: the example does in each language what the page says, and the shapes are those of the code. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { EXAMPLE } from '../scripts/docs/pictures.ts'
import { compiled } from './support/compiled.ts'
import { blocksOf, root } from './support/docs-blocks.ts'
import { type InProcess, startInProcess } from './support/in-process.ts'
import { token } from './support/service.ts'

const blocks = blocksOf('docs/developer-guide/support.md')
const [typeScript = '', ...shapes] = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text)
const client = join(root, 'src', 'client', 'index.ts')
const example = typeScript.replace('support-relay/client', pathToFileURL(client).href)
const skip = existsSync(client) ? false : 'there is no client in this version'

let service: InProcess
before(async () => {
  service = await startInProcess()
})
after(() => service.stop())

/** The tickets of the user, newest first. */
const sent = async (accessToken: string): Promise<{ reference: string; subject: string; message: string }[]> => {
  const headers = { authorization: `Bearer ${accessToken}` }
  return (await (await fetch(`${service.address}/api/support/browse`, { headers })).json()).items
}

test('a running service shows the same to anyone: /docs, and /openapi.json', async () => {
  for (const [path, type] of [
    ['/docs', 'text/html; charset=utf-8'],
    ['/openapi.json', 'application/json; charset=utf-8'],
  ] as const) {
    const answer = await fetch(`${service.address}${path}`)
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, type])
    assert.match(await answer.text(), /createTicket/)
  }
})

test('TypeScript: it prints the reference of the ticket, and is sound', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-'))
  try {
    writeFileSync(join(folder, 'example.mts'), example)
    const accessToken = token({ sub: 'TypeScript' })
    const env = { ...process.env, host: service.address, accessToken }
    const { stdout } = await promisify(execFile)(process.execPath, ['example.mts'], { cwd: folder, env })
    const [ticket] = await sent(accessToken)
    assert.equal(stdout, `${ticket?.reference}\n`)
    assert.partialDeepStrictEqual(ticket, EXAMPLE)
  } finally {
    rmSync(folder, { recursive: true })
  }
  assert.equal(compiled(example.replace(pathToFileURL(client).href, client)), '')
})

test('Kotlin: the request that it lists is taken', async () => {
  const [listing = '', ...more] = blocks.filter(({ language }) => language === 'kotlin').map(({ text }) => text)
  assert.equal(more.length, 0)
  const accessToken = token({ sub: 'Kotlin' })
  const filled = listing.replace('$host', service.address).replace('$accessToken', accessToken)
  const [, url = ''] = /URI\("([^"]+)"\)/.exec(filled) ?? []
  const [, body = ''] = /\.POST\(BodyPublishers\.ofString\("""([\s\S]+)"""\)\)/.exec(filled) ?? []
  const headers = [...filled.matchAll(/\.header\("([^"]+)", "([^"]+)"\)/g)].map(
    ([, name = '', value = '']): [string, string] => [name, value],
  )
  const answer = await fetch(url, { method: 'POST', headers, body })
  assert.match(
    listing,
    new RegExp(`statusCode\\(\\) is ${answer.status}, answer.body\\(\\) is ${await answer.text()}\\n`),
  )
  assert.partialDeepStrictEqual((await sent(accessToken))[0], EXAMPLE)
})

test('the shapes are TypeScript, and the same as those of the code', () => {
  const api = join(root, 'src', 'api', 'ticket.ts')
  const same = ['Ticket', 'TicketUser', 'TicketEvent', 'TicketDetails', 'Delivery', 'Attempt'].map(
    name => `
      export const there${name} = (given: Api.${name}): ${name} => given
      export const back${name} = (given: Omit<${name}, 'context'>): Omit<Api.${name}, 'context'> => given`,
  )
  assert.equal(compiled([`import type * as Api from '${api}'`, ...shapes, ...same].join('\n')), '')
  assert.notEqual(compiled([...shapes, 'export const wrong: Ticket = { id: 1 }'].join('\n')), '')
})
