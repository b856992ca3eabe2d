import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Condition, explain, pickRoute, type RoutingFacts, routingFacts, takersOf } from './routing.ts'

const facts: RoutingFacts = {
  type: 'BUG',
  role: 'USER',
  organization: 'sdu.dk',
  mailDomain: 'imada.sdu.dk',
  project: '3f2b',
  subject: 'Job stuck',
  message: 'My GPU job (a.b)\nis stuck in the Queue',
}
const fallback = { when: null, to: ['support'] }
const takenBy = (when: Condition, changes: Partial<RoutingFacts> = {}) =>
  pickRoute([{ when, to: ['special'] }, fallback], { ...facts, ...changes }).destinations[0] === 'special'

const table: [string, Condition, Partial<RoutingFacts>, boolean][] = [
  ['the type', { type: ['BUG'] }, {}, true],
  ['another type', { type: ['SUGGESTION'] }, {}, false],
  ['any type of a list', { type: ['SUGGESTION', 'BUG'] }, {}, true],
  ['a ticket without type, asked for a type', { type: ['BUG', 'SUGGESTION', 'QUESTION'] }, { type: null }, false],
  ['a ticket without type, asked for none', { type: ['none'] }, { type: null }, true],
  ['a ticket with a type, asked for none', { type: ['none'] }, {}, false],
  ['the role', { role: ['USER'] }, {}, true],
  ['another role', { role: ['ADMIN'] }, {}, false],
  ['the organisation in other case', { organization: ['SDU.dk'] }, {}, true],
  ['a part of the organisation', { organization: ['sdu'] }, {}, false],
  ['no organisation', { organization: ['sdu.dk'] }, { organization: null }, false],
  ['the mail domain', { mailDomain: ['imada.sdu.dk'] }, {}, true],
  ['a domain above', { mailDomain: ['SDU.DK'] }, {}, true],
  ['a domain that only ends alike', { mailDomain: ['sdu.dk'] }, { mailDomain: 'notsdu.dk' }, false],
  ['a domain below', { mailDomain: ['x.imada.sdu.dk'] }, {}, false],
  ['no mail address', { mailDomain: ['sdu.dk'] }, { mailDomain: null }, false],
  ['the project', { project: ['other', '3f2b'] }, {}, true],
  ['the project in other case', { project: ['3F2B'] }, {}, false],
  ['no project', { project: ['3f2b'] }, { project: null }, false],
  ['words of the subject', { text: ['JOB STUCK'] }, {}, true],
  ['words of the message', { text: ['the queue'] }, {}, true],
  ['words across subject and message', { text: ['stuckMy'] }, {}, false],
  ['a pattern, which is meant literally', { text: ['a.b'] }, { message: 'axb' }, false],
  ['signs that a pattern would read otherwise', { text: ['(A.B)'] }, {}, true],
  ['a letter made of two code points', { text: ['caf\u00e9'] }, { message: 'Cafe\u0301' }, true],
  ['all keys', { type: ['BUG'], role: ['USER'], text: ['gpu'] }, {}, true],
  ['all keys but one', { type: ['BUG'], role: ['ADMIN'], text: ['gpu'] }, {}, false],
  ['an empty condition', {}, {}, true],
]
for (const [name, when, changes, expected] of table) {
  test(`a rule ${expected ? 'takes' : 'leaves'} the ticket: ${name}`, () => {
    assert.equal(takenBy(when, changes), expected)
  })
}

test('the first rule that matches wins, whatever later ones say', () => {
  const routes = [
    { when: { type: ['SUGGESTION'] as const }, to: ['ideas'] },
    { when: { type: ['BUG'] as const }, to: ['devsupport', 'archive'] },
    { when: { role: ['USER'] as const }, to: ['users'] },
    fallback,
  ]
  assert.deepEqual(pickRoute(routes, facts), {
    index: 1,
    destinations: ['devsupport', 'archive'],
    acknowledgement: null,
  })
})

test('the fallback takes what no rule took', () => {
  assert.deepEqual(pickRoute([{ when: { type: ['QUESTION'] }, to: ['x'] }, fallback], facts), {
    index: 1,
    destinations: ['support'],
    acknowledgement: null,
  })
})

test('routes without a fallback are a mistake of ours, not a lost ticket', () => {
  assert.throws(() => pickRoute([{ when: { type: ['QUESTION'] }, to: ['x'] }], facts), /fallback/)
})

test('the explanation names, for every rule, the first condition that failed', () => {
  const rules = explain(
    [
      { when: { role: ['ADMIN'], text: ['nothing'] }, to: ['a'] },
      { when: { type: ['SUGGESTION', 'none'] }, to: ['b'] },
      { when: { text: ['refund'] }, to: ['c'] },
      { when: { mailDomain: ['sdu.dk'] }, to: ['d'] },
      { when: { project: ['9'] }, to: ['e'] },
      fallback,
    ],
    facts,
  )
  assert.deepEqual(
    rules.map(rule => `${rule.index} ${rule.verdict} ${rule.why}`),
    [
      '0 no-match role: the user\'s is "USER", the rule asks for "ADMIN".',
      '1 no-match type: the ticket\'s is "BUG", the rule asks for "SUGGESTION" or "none".',
      '2 no-match text: neither subject nor message holds "refund".',
      '3 takes Every condition matches.',
      '4 no-match project: the ticket\'s is "3f2b", the rule asks for "9".',
      '5 too-late It would match too, but rule 4 comes first.',
    ],
  )
})

test('the explanation never quotes what the user wrote', () => {
  const text = JSON.stringify(explain([{ when: { text: ['refund'] }, to: ['a'] }, fallback], facts))
  assert.doesNotMatch(text, /GPU|stuck/)
})

test('the explanation agrees with the choice, and names what is absent', () => {
  const bare = { ...facts, organization: null, mailDomain: null, project: null }
  const routes = [
    { when: { organization: ['sdu.dk'] }, to: ['a'] },
    { when: { mailDomain: ['sdu.dk'] }, to: ['b'] },
    { when: { project: ['1'] }, to: ['c'] },
    fallback,
  ]
  const rules = explain(routes, bare)
  assert.equal(
    rules.findIndex(rule => rule.verdict === 'takes'),
    pickRoute(routes, bare).index,
  )
  assert.match(rules[0]?.why ?? '', /the user has none/)
  assert.match(rules[1]?.why ?? '', /the user has none, .* or a domain below/)
  assert.match(rules[2]?.why ?? '', /the ticket has none/)
})

test('the facts come from the principal and the ticket', () => {
  const principal = {
    username: 'ada',
    role: 'ADMIN',
    name: null,
    email: null,
    organization: 'x',
    mailDomain: 'y.dk',
    projects: [],
  } as const
  assert.deepEqual(routingFacts(principal, { type: null, project: 'p', subject: 's', message: 'm' }), {
    type: null,
    role: 'ADMIN',
    organization: 'x',
    mailDomain: 'y.dk',
    project: 'p',
    subject: 's',
    message: 'm',
  })
})

test('a destination that asks for something itself is left out of a rule, and a rule without any left is passed over', () => {
  const routes = [
    { when: { type: ['BUG'] as const }, to: ['tracker', 'devsupport'] },
    { when: { role: ['USER'] as const }, to: ['tracker'] },
    { when: null, to: ['support', 'tracker'] },
  ]
  const takers = takersOf([
    { name: 'tracker', kind: {}, when: { text: ['crash'] } },
    { name: 'support', kind: {} },
  ])
  const facts: RoutingFacts = {
    type: 'BUG',
    role: 'USER',
    organization: null,
    mailDomain: null,
    project: null,
    subject: 'a crash',
    message: '',
  }
  const picked = (changes: Partial<RoutingFacts>) => {
    const { index, destinations } = pickRoute(routes, { ...facts, ...changes }, takers)
    return { index, destinations }
  }
  assert.deepEqual(picked({}), { index: 0, destinations: ['tracker', 'devsupport'] })
  assert.deepEqual(picked({ subject: 'slow' }), { index: 0, destinations: ['devsupport'] })
  assert.deepEqual(picked({ type: null }), { index: 1, destinations: ['tracker'] })
  assert.deepEqual(picked({ type: null, subject: 'slow' }), { index: 2, destinations: ['support'] })
  const explained = explain(routes, { ...facts, type: null, subject: 'slow' }, takers)
  assert.deepEqual(
    explained.map(({ verdict }) => verdict),
    ['no-match', 'no-match', 'takes'],
  )
  assert.match(explained[1]?.why ?? '', /each of its destinations has a `when` of its own/)
  assert.match(explained[2]?.why ?? '', /Without tracker/)
})

test('who writes to the writer takes a ticket off nobody: it is told beside those of the team, and no rule wins by it', () => {
  const routes = [
    { when: { type: ['BUG'] as const }, to: ['receipts', 'devsupport'] },
    { when: null, to: ['support', 'receipts', 'thanks'] },
  ]
  const takers = takersOf([
    { name: 'receipts', kind: { isToWriter: true } },
    { name: 'thanks', kind: { isToWriter: true } },
    { name: 'devsupport', kind: {}, when: { text: ['crash'] } },
  ])
  const bug = { index: 0, destinations: ['devsupport'], acknowledgement: 'receipts' }
  assert.deepEqual(pickRoute(routes, { ...facts, subject: 'a crash' }, takers), bug)
  const other = { index: 1, destinations: ['support'], acknowledgement: 'receipts' }
  assert.deepEqual(pickRoute(routes, { ...facts, subject: 'slow' }, takers), other)
  const [, fallback] = explain(routes, { ...facts, subject: 'slow' }, takers)
  assert.match(fallback?.why ?? '', /`receipts` writes to the user, if they have an address that people read/)
})
