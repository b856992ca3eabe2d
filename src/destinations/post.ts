/** The one request most kinds send. */
import type { RequestStep } from '../domain/destination.ts'

/** @param body JSON text; never build it by putting texts together */
export const postJson = (url: string, body: string, headers: Readonly<Record<string, string>> = {}): RequestStep => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', ...headers },
  body,
})
