/** The client's types are those of the schemas: what one takes the other takes, and what is answered is what is promised. Checked by the compiler. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Answered, Asked } from '../api/call.ts'
import { calls } from '../api/calls.ts'
import type * as deliveries from '../api/delivery-calls.ts'
import type * as tickets from '../api/ticket-calls.ts'
import { createClient } from './index.ts'
import type { Client, Result } from './types.ts'

type Calls = Omit<typeof tickets & typeof deliveries, 'createTicket'>
type Named = { [K in keyof Calls & keyof Client]: Calls[K] }
type Taken<K extends keyof Named> = NonNullable<Parameters<Client[K]>[0]>
type Given<K extends keyof Named> = Awaited<ReturnType<Client[K]>> extends Result<infer T> ? T : never

/** `never` where every call agrees; else the names of those that do not. */
type Disagreeing = {
  [K in keyof Named]: Taken<K> extends Asked<Named[K]> ? (Answered<Named[K]> extends Given<K> ? never : K) : K
}[keyof Named]

test('the client has every call, with the types of its schema', () => {
  const disagreeing: Disagreeing[] = []
  assert.deepEqual(disagreeing satisfies never[], [])
  const client = createClient({ url: 'http://127.0.0.1' })
  assert.deepEqual(Object.keys(client).sort(), calls.map(({ name }) => name).sort())
})
