/** A ticket described on the command line: how it is read, and which rule takes it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Route } from '../domain/routing.ts'
import { typeFrom } from '../domain/submission.ts'
import { explainRoutes, type RouteQuestion } from './explain-routes.ts'

const routes: readonly Route[] = [
  { when: { type: ['BUG'], mailDomain: ['sdu.dk'] }, to: ['bugs'] },
  { when: { role: ['ADMIN'] }, to: ['admins'] },
  { when: { type: ['none'] }, to: ['untyped'] },
  { when: null, to: ['support', 'archive'] },
]
const ask = (question: RouteQuestion) =>
  explainRoutes({ routes, destinations: [] }, question, (_subject, message) => typeFrom(message))
const sound = (question: RouteQuestion) => {
  const answer = ask(question)
  assert.ok(answer.ok, JSON.stringify(answer))
  return answer
}
const problems = (question: RouteQuestion) => {
  const answer = ask(question)
  return answer.ok ? [] : answer.problems
}

for (const [what, question, takenBy] of [
  ['a bug from a domain below', { type: 'BUG', email: 'ada@imada.sdu.dk' }, 0],
  ['the same in small and capital letters', { type: 'bug', email: 'Ada@SDU.DK' }, 0],
  ['a bug by its text', { message: 'BUG: it broke', email: 'ada@sdu.dk' }, 0],
  ['a bug from elsewhere', { type: 'BUG', email: 'ada@notsdu.dk' }, 3],
  ['an administrator', { type: 'QUESTION', role: 'admin' }, 1],
  ['nothing said at all', {}, 2],
  ['expressly no type, whatever the text says', { type: 'none', message: 'BUG: it broke', email: 'ada@sdu.dk' }, 2],
  ['a type that no rule asks for', { type: 'SUGGESTION' }, 3],
] as const) {
  test(`${what} is taken by rule ${takenBy + 1}`, () => {
    const answer = sound(question)
    assert.equal(answer.takenBy, takenBy)
    assert.deepEqual(answer.destinations, routes[takenBy]?.to)
  })
}

test('every rule is explained, with what it asks for', () => {
  const { rules } = sound({ type: 'BUG', role: 'ADMIN' })
  assert.deepEqual(
    rules.map(({ index, verdict, when }) => [index, verdict, when]),
    [
      [0, 'no-match', routes[0]?.when],
      [1, 'takes', routes[1]?.when],
      [2, 'no-match', routes[2]?.when],
      [3, 'too-late', null],
    ],
  )
  assert.match(rules[0]?.why ?? '', /^mailDomain: the user has none, the rule asks for "sdu\.dk"/)
})

test('a mail domain is looked at in small letters, as the service keeps it', () => {
  assert.equal(sound({ email: 'Ada@Imada.SDU.dk' }).facts.mailDomain, 'imada.sdu.dk')
})

test('what is left out is absent, and the role is USER', () => {
  assert.deepEqual(sound({}).facts, {
    type: null,
    role: 'USER',
    organization: null,
    mailDomain: null,
    project: null,
    subject: '',
    message: '',
  })
})

for (const email of ['sdu.dk', '@sdu.dk', 'ada@', 'ada@sdu.dk ', '']) {
  test(`"${email}" is no mail address`, () => {
    assert.deepEqual(problems({ email }), ['--email is not a mail address.'])
  })
}

test('all options that cannot be are told at once, with the likely word', () => {
  assert.deepEqual(problems({ type: 'BGU', role: 'USR', email: 'x' }), [
    '--type must be one of BUG, SUGGESTION, QUESTION, none. Did you mean "BUG"?',
    '--role must be one of USER, ADMIN. Did you mean "USER"?',
    '--email is not a mail address.',
  ])
})
