import assert from 'node:assert/strict'
import test from 'node:test'
import { load, SOUND } from '../../test/support/config.ts'

const withDesk = (desk: string) =>
  load({
    '/home/support-relay.yaml': SOUND.replace(
      'destinations:\n',
      `destinations:\n  desk:\n    kind: template\n    url: https://desk.example.org/api\n${desk}\n`,
    ),
  })
const deskOf = (desk: string) => {
  const loaded = withDesk(desk)
  assert.ok('config' in loaded, JSON.stringify(loaded))
  return loaded.config.destinations.find(({ name }) => name === 'desk')?.settings ?? {}
}
const told = (desk: string) => {
  const loaded = withDesk(desk)
  return 'problems' in loaded ? loaded.problems.map(({ key, what, fix }) => `${key}: ${what} ${fix}`).join('\n') : ''
}

test('a tree keeps its shape, and headers their values', () => {
  const settings = deskOf(`
    body: { title: "{{title}}", tags: [support, 7, true, null], deep: { text: "{{message|max:100}}" } }
    headers: { Authorization: "Token abc", X-Queue: support }`)
  assert.deepEqual(JSON.parse(String(settings.body)), {
    title: '{{title}}',
    tags: ['support', 7, true, null],
    deep: { text: '{{message|max:100}}' },
  })
  assert.deepEqual(JSON.parse(String(settings.headers)), { authorization: 'Token abc', 'x-queue': 'support' })
})

test('what is wrong with them is told where it stands', () => {
  assert.match(told('    body: "{{title}}"'), /^destinations\.desk\.body: Here stands no group/)
  assert.match(
    told('    body: { a: "{{title}} {{nobody}}" }'),
    /^destinations\.desk\.body: There is no .*; there are reference,/,
  )
  const headers = told('    body: { a: "{{title}}" }\n    headers: { Host: example.org, "a b": x, X-Key: "a\\nb" }')
  assert.match(headers, /desk\.headers\.Host: This cannot be the name of a header/)
  assert.match(headers, /This cannot be the name of a header/)
  assert.match(headers, /X-Key: The value holds a line break/)
})
