/** What the browser tests of tickets and console have in common: the real service, with tickets of every kind in it, and a browser that
 *  is signed in by token, as an embedding platform would do it. */
import type { BrowserContextOptions } from 'playwright-core'
import { type InProcess, startInProcess } from '../support/in-process.ts'
import { answerWith } from '../support/receiver.ts'
import { configurationFor, post, quickSlack, token } from '../support/service.ts'

export const LONG = `${'All work and no play. '.repeat(24_000).slice(0, 524_280)}THE END`
export const HOSTILE =
  '</textarea><script>alert(1)</script>\n\u202egnirts desrever\n<img src=x onerror=alert(2)> @channel'

export type Desk = InProcess & {
  /** References of the tickets: one that was talked about, one that was given up, one that waits, one that is very long. */
  readonly talked: string
  readonly dead: string
  readonly waiting: string
  readonly long: string
}

export const userToken = (): string => token()
export const staffToken = (): string =>
  token({ sub: 'inge', role: 'ADMIN', firstNames: 'Inge', lastName: 'Lehmann', email: 'inge@sdu.dk' })

export const signedInBy = (bearer: string, settings: BrowserContextOptions = {}): BrowserContextOptions => ({
  ...settings,
  extraHTTPHeaders: { authorization: `Bearer ${bearer}` },
})

export const startDesk = async (): Promise<Desk> => {
  const at = await startInProcess({ configure: receiver => quickSlack(configurationFor(receiver)) })
  const call = async (name: string, body: object, bearer: string) => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
    const answer = await fetch(`${at.address}/api/support/${name}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`)
  }
  const send = async (ticket: object) => {
    const answer = await post(at.address, ticket)
    return answer.headers.get('ticket-reference') ?? (await answer.text())
  }
  const slackIs = (status: number, words: string) => {
    at.receiver.reply = (received, response) =>
      answerWith(
        received.path.includes('devsupport') ? status : 200,
        received.path.includes('devsupport') ? words : 'ok',
      )(received, response)
  }
  const until = async (holds: (slack: { dead: number; pending: number; state: string }) => boolean) => {
    const headers = { authorization: `Bearer ${staffToken()}` }
    for (;;) {
      const { items } = await (await fetch(`${at.address}/api/support/browseDestinations`, { headers })).json()
      if (holds(items.find(({ name }: { name: string }) => name === 'devsupport'))) return
    }
  }

  const talked = await send({
    subject: 'Job stops after exactly 20 minutes',
    message:
      'My job in Ocean Turbulence stops after exactly 20 minutes with “lease lost”. It ran for six hours last week with the same settings.\n\nI tried 64 and 16 cores, both stop at 20:00.',
    type: 'BUG',
    context: { page: '/jobs/41827' },
  })
  await call('updateStatus', { items: [{ id: talked, status: 'IN_PROGRESS' }] }, staffToken())
  const note = 'The test queue’s 20-minute limit is on since the deploy at 08:10. Rolling back now.'
  await call('addComment', { items: [{ id: talked, message: note, internal: true }] }, staffToken())
  const reply =
    'Hi Ada,\n\nWe found it. A limit from a test queue was left on. It is off again; a job you start now runs.'
  await call('addComment', { items: [{ id: talked, message: reply }] }, staffToken())
  await until(({ pending }) => pending === 0)

  slackIs(400, 'invalid_blocks')
  const dead = await send({ subject: 'How do I share a folder with a guest?', message: HOSTILE, type: 'QUESTION' })
  await until(slack => slack.dead === 1)

  slackIs(404, 'no_service')
  const waiting = await send({ message: `${'Averylongword'.repeat(100)}\n${HOSTILE}`, type: 'SUGGESTION' })
  await until(({ state }) => state === 'FAILING')
  const long = await send({ subject: 'The whole log', message: LONG })
  return { ...at, talked, dead, waiting, long }
}
