/** Finding tickets by their words: what each spelling finds and does not find, references, filters; and that the tokens alone decide. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { referenceCode } from '../../../src/domain/reference.ts'
import { searchClauses, searchTokens } from '../../../src/domain/search-text.ts'
import type { StoredTicket } from '../../../src/domain/ticket.ts'
import { accepted, DAY, type Open, START, storeTest } from './arrange.ts'
import { type Asked, found, indexed, madeAt, pageOf } from './searching.ts'
import { SPELLINGS } from './spellings.ts'

export const searchCases = (name: string, open: Open): void => {
  const it = (what: string, run: Parameters<typeof storeTest>[3]) => storeTest(name, open, `search: ${what}`, run)

  for (const { what, text, finds, misses } of SPELLINGS) {
    it(what, async store => {
      const { number } = await accepted(store, { subject: 'Some words', message: text })
      await accepted(store, { subject: 'Another', message: 'Nothing of the kind.' })
      await indexed(store)
      for (const query of finds) assert.deepEqual(await found(store, query), [number], `${query} finds it`)
      for (const query of misses) assert.deepEqual(await found(store, query), [], `${query} finds nothing`)
    })
  }

  it('an empty store finds nothing, and has nothing to do', async store => {
    assert.equal(await store.index({ limit: 10 }), 0)
    assert.deepEqual(await found(store, 'word'), [])
    assert.deepEqual(await found(store, ''), [])
  })

  it('all words must occur, in subject and message together', async store => {
    const both = (await accepted(store, { subject: 'Printer', message: 'It smokes.' })).number
    await accepted(store, { subject: 'Printer', message: 'It hums.' })
    await accepted(store, { subject: 'Chimney', message: 'It smokes.' })
    await indexed(store)
    assert.deepEqual(await found(store, 'smokes printer'), [both])
    assert.deepEqual(await found(store, 'printer chimney'), [])
  })

  it('a reference finds its ticket in any spelling, also before the index has it', async store => {
    const [first, second] = [(await accepted(store)).number, (await accepted(store)).number]
    const reference = referenceCode(store.keys.reference).format(second)
    const [prefix, left = '', right = ''] = reference.split('-')
    const confused = `${prefix}-${left.replaceAll('0', 'o').replaceAll('1', 'L')}-${right.replaceAll('0', 'O').replaceAll('1', 'i')}`
    const spellings = [reference, reference.toLowerCase(), reference.replaceAll('-', ''), `${left}${right}`, confused]
    spellings.push(
      `${left}-${right}`.toLowerCase(),
      reference.replaceAll('-', ' '),
      `(${reference}),`,
      `"${reference}"`,
    )
    for (const spelling of spellings) assert.deepEqual(await found(store, spelling), [second], spelling)
    await indexed(store)
    for (const spelling of spellings) assert.deepEqual(await found(store, spelling), [second], spelling)
    assert.deepEqual(await found(store, referenceCode(store.keys.reference).format(99)), [])
    assert.ok(first !== second)
  })

  it('a reference beside a word that only others hold finds nothing', async store => {
    const first = (await accepted(store, { message: 'The upload stops.' })).number
    await accepted(store, { message: 'A message of Eve.' })
    await indexed(store)
    const reference = referenceCode(store.keys.reference).format(first)
    assert.deepEqual(await found(store, `${reference} eve`), [])
    assert.deepEqual(await found(store, `${reference} upload`), [first])
  })

  it('a reference beside words finds its ticket if it holds them, and those that mention it', async store => {
    const told = (await accepted(store, { message: 'The printer smokes.' })).number
    const reference = referenceCode(store.keys.reference).format(told)
    const mentions = (await accepted(store, { message: `The printer again, as in ${reference}.` })).number
    await accepted(store, { message: 'The printer hums.' })
    await indexed(store)
    assert.deepEqual(await found(store, reference), [mentions, told])
    assert.deepEqual(await found(store, `printer ${reference}`), [mentions, told])
    assert.deepEqual(await found(store, `${reference.toLowerCase()} smokes`), [told])
    assert.deepEqual(await found(store, `${reference} chimney`), [])
    assert.deepEqual(await found(store, reference, { filter: { username: 'nobody' } }), [])
  })

  it('a query that shows nothing gives what the filters give, indexed or not', async store => {
    const bug = (await accepted(store, { type: 'BUG' })).number
    const idea = (await accepted(store, { type: 'SUGGESTION' })).number
    for (const empty of ['', '  ', '\n\t', '\u200b'])
      assert.deepEqual(await found(store, empty), [idea, bug], JSON.stringify(empty))
    assert.deepEqual(await found(store, '', { filter: { type: 'BUG' } }), [bug])
  })

  it('filters hold, alone and together', async store => {
    const message = 'The printer smokes.'
    const bug = (await accepted(store, { username: 'a', type: 'BUG', destinations: ['x'], message })).number
    const idea = (await accepted(store, { username: 'a', type: 'SUGGESTION', destinations: ['x', 'y'], message }))
      .number
    const other = (await accepted(store, { username: 'b', type: null, destinations: [], message })).number
    await indexed(store)
    const of = (filter: Asked['filter'] = {}) => found(store, 'printer', { filter })
    assert.deepEqual(await of(), [other, idea, bug])
    assert.deepEqual(await of({ username: 'a' }), [idea, bug])
    assert.deepEqual(await of({ type: 'BUG' }), [bug])
    assert.deepEqual(await of({ status: 'RECEIVED' }), [other, idea, bug])
    assert.deepEqual(await of({ status: 'CLOSED' }), [])
    assert.deepEqual(await of({ destination: 'x' }), [idea, bug])
    assert.deepEqual(await of({ destination: 'y', delivery: 'PENDING', type: 'SUGGESTION', username: 'a' }), [idea])
    assert.deepEqual(await of({ destination: "x' or ''='" }), [])
  })

  it('`from` is in, `to` is out, with words and without', async store => {
    const [a, b, c] = [
      await madeAt(store, START),
      await madeAt(store, START + 9 * DAY),
      await madeAt(store, START + 18 * DAY),
    ]
    await indexed(store)
    for (const query of ['broke', '']) {
      assert.deepEqual(await found(store, query, { from: START + 9 * DAY }), [c, b])
      assert.deepEqual(await found(store, query, { from: START + 9 * DAY + 1 }), [c])
      assert.deepEqual(await found(store, query, { to: START + 9 * DAY }), [a])
      assert.deepEqual(await found(store, query, { to: START + 9 * DAY + 1 }), [b, a])
      assert.deepEqual(await found(store, query, { from: START + 1, to: START + 18 * DAY }), [b])
      assert.deepEqual(await found(store, query, { from: START + 19 * DAY }), [])
      assert.deepEqual(await found(store, query, { to: 0, from: -1 }), [])
    }
  })

  it('a ticket whose id ran ahead of the clock is found by when it was made', async store => {
    const id = '019abd71-5000-7000-8000-0000000000ff' // hours after START
    const { number } = await accepted(store, { id, createdAt: START })
    await indexed(store)
    for (const query of ['broke', ''])
      assert.deepEqual(await found(store, query, { from: START, to: START + 1 }), [number])
  })

  it('a query of very many words is answered', async store => {
    const message = Array.from({ length: 3_000 }, (_, i) => `w${i}`).join(' ')
    const { number } = await accepted(store, { message })
    await indexed(store)
    assert.deepEqual(await found(store, message), [number])
    assert.deepEqual(await found(store, `${message.slice(0, 500)} w3001`), [])
  })

  it('whatever is written and asked: the hits are those of the tokens alone', async store => {
    const word = fc.constantFrom(
      'a',
      'B',
      'c++',
      "don't",
      'don’t',
      '10.0.0.1',
      '10',
      'AND',
      'NOT',
      '"',
      '*',
      'ß',
      'SS',
      '日本語',
      '日',
      '本',
      'テスト',
      '한국어',
      'é',
      'e\u0301',
      '_',
      'x_y',
      '-a',
      '^',
      '👩‍👩‍👧',
      '\ud800',
      'NEAR(a',
      'tokens:a',
    )
    const text = fc.array(
      fc.oneof({ weight: 8, arbitrary: word }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) }),
      { minLength: 1, maxLength: 6 },
    )
    const joined = fc.tuple(text, fc.constantFrom(' ', '', '/', '\n')).map(([words, joint]) => words.join(joint))
    for (const message of fc.sample(joined, { numRuns: 60, seed: 7 }))
      await accepted(store, { message: `${message.toWellFormed().replaceAll('\0', '')} `, limitPerHour: 1_000 })
    await indexed(store)
    const all = (await pageOf(store, '', { limit: 100 })).tickets
    const references = referenceCode(store.keys.reference)
    await fc.assert(
      fc.asyncProperty(joined, async query => {
        const expected = all.filter(one => holds(one, query, references)).map(({ number }) => number)
        assert.deepEqual(await found(store, query), expected)
      }),
      { numRuns: 150 },
    )
  })
}

/** What a store without any index would do. */
const holds = (one: StoredTicket, query: string, references: ReturnType<typeof referenceCode>): boolean => {
  const tokens = new Set([...searchTokens(one.subject), ...searchTokens(one.message)])
  return searchClauses(query, references).every(
    clause => clause.number === one.number || clause.tokens.every(token => tokens.has(token)),
  )
}
