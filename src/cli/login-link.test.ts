import assert from 'node:assert/strict'
import test from 'node:test'
import type { Io } from './io.ts'
import { type LoginLinkOptions, type LoginLinkParts, loginLink } from './login-link.ts'

const run = (options: LoginLinkOptions, make: LoginLinkParts['make']) => {
  const out: string[] = []
  const err: string[] = []
  const io: Io = { out: line => out.push(line), err: line => err.push(line), env: {}, cwd: '/' }
  return { code: loginLink(options, io, { make }), out, err }
}
const made: LoginLinkParts['make'] = role => ({ url: `http://127.0.0.1:1/${role}` })
const refused: LoginLinkParts['make'] = () => ({ why: 'No service runs in data.' })

for (const [options, out] of [
  [{}, 'http://127.0.0.1:1/USER'],
  [{ staff: true }, 'http://127.0.0.1:1/ADMIN'],
  [{ staff: true, json: true }, '{"url":"http://127.0.0.1:1/ADMIN"}'],
] as const) {
  test(`login-link with ${JSON.stringify(options)} prints the link and nothing else`, () => {
    assert.deepEqual(run(options, made), { code: 0, out: [out], err: [] })
  })
}

test('why there is no link is said on the error output, with 2', () => {
  assert.deepEqual(run({}, refused), { code: 2, out: [], err: ['No service runs in data.'] })
})

test('with --json it is one document as well', () => {
  assert.deepEqual(run({ json: true }, refused), {
    code: 2,
    out: ['{"why":"No service runs in data.","errorCode":null}'],
    err: [],
  })
})
