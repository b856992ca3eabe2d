/** A text as a file in the thread of its message, in three requests (https://docs.slack.dev/messaging/working-with-files#upload). The
 *  message is there already: whatever becomes of the file, it counts as delivered and is not sent again. Where Slack takes no file, the thread says so. */
import type { Json } from '../api/ticket.ts'
import type { RequestStep } from '../domain/destination.ts'
import type { Answer, Outcome } from '../domain/outcome.ts'
import { jsonOf, valueAt } from './answer-rules.ts'
import { postJson } from './post.ts'
import { slackBody } from './slack-text.ts'

type Posted = {
  readonly ref: string
  /** By its id: uploads know no names. */
  readonly channel: string
  readonly thread: string
  readonly whole: string
}
export type Upload = {
  readonly kind: 'reserve' | 'send' | 'complete' | 'tell'
  readonly posted: Posted
  /** The first request, whose address and token the others share. */
  readonly first: RequestStep
  readonly fileId?: string
}

export const reserveFile = (first: RequestStep, posted: Posted): RequestStep => ({
  method: 'POST',
  url: method(first, 'files.getUploadURLExternal'),
  headers: { ...first.headers, 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ filename: 'message.txt', length: String(Buffer.byteLength(posted.whole)) }).toString(),
  state: { kind: 'reserve', posted, first } satisfies Upload,
})

export const nextOfUpload = (step: RequestStep, upload: Upload, answer: Answer): RequestStep | Outcome => {
  const { kind, posted, first } = upload
  const shown: Outcome = { kind: 'delivered', ref: posted.ref }
  if (kind === 'tell' || answer.kind === 'no-answer') return shown
  const json = jsonOf(answer.body)
  if (answer.status !== 200 || (kind !== 'send' && valueAt(json, '/ok') !== true))
    return lack(upload, answer.status, json)
  if (kind === 'complete') return shown
  if (kind === 'send') return completion(first, upload)
  const [url, fileId] = [valueAt(json, '/upload_url'), valueAt(json, '/file_id')]
  if (typeof url !== 'string' || typeof fileId !== 'string' || !isTheirs(url, step.url)) return lack(upload, 200, json)
  const state: Upload = { ...upload, kind: 'send', fileId }
  // No token: the address is good for this one file.
  return { method: 'POST', url, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: posted.whole, state }
}

const completion = (first: RequestStep, upload: Upload): RequestStep => {
  const { channel, thread } = upload.posted
  const body = { files: [{ id: upload.fileId, title: 'The whole message' }], channel_id: channel, thread_ts: thread }
  return {
    ...postJson(method(first, 'files.completeUploadExternal'), JSON.stringify(body), first.headers),
    state: { ...upload, kind: 'complete' } satisfies Upload,
  }
}

/** Nobody is to take the beginning for all. Slack's word for it helps whoever set up the bot. */
const lack = (upload: Upload, status: number, json: Json | undefined): RequestStep => {
  const { first, posted } = upload
  const why = /^[a-z_]{1,60}$/.exec(String(valueAt(json, '/error') ?? '-'))?.[0] ?? `status ${status}`
  const help = why === 'missing_scope' ? ' The bot needs the scope files:write.' : ''
  const text = `Slack did not take the whole message as a file (${why}); it stands in the ticket.${help}`
  const body = slackBody(text, { channel: posted.channel, thread_ts: posted.thread })
  return { ...postJson(first.url, body, first.headers), state: { ...upload, kind: 'tell' } satisfies Upload }
}

const method = ({ url }: RequestStep, name: string): string => url.replace(/chat\.postMessage$/, name)

/** An answer does not send a ticket's text just anywhere. */
const isTheirs = (address: string, api: string): boolean => {
  const url = URL.parse(address)
  if (url === null) return false
  return (
    url.origin === new URL(api).origin ||
    (url.protocol === 'https:' && /(?:^|\.)slack(?:-gov)?\.com$/.test(url.hostname))
  )
}
