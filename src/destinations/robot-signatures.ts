/** How the robots of Lark and DingTalk want to be sure of who sends. Both use the secret in a way of their own. */
import { createHmac } from 'node:crypto'
import type { Settings } from '../domain/destination.ts'

type Secret = Settings[string] | undefined

/** Fields of the body: the time in seconds, and an HMAC of nothing whose key is time and secret. */
export const larkSignature = (secret: Secret, at: number): { timestamp?: string; sign?: string } => {
  if (typeof secret !== 'string') return {}
  const timestamp = String(Math.floor(at / 1_000))
  return { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).digest('base64') }
}

/** Two fields of the address: the time in milliseconds, and an HMAC of time and secret whose key is the secret. */
export const dingtalkSigned = (url: string, secret: Secret, at: number): string => {
  if (typeof secret !== 'string') return url
  const signed = new URL(url)
  signed.searchParams.set('timestamp', String(at))
  signed.searchParams.set('sign', createHmac('sha256', secret).update(`${at}\n${secret}`).digest('base64'))
  return signed.href
}
