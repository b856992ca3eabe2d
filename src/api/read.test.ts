/** Reading by a schema: what passes passes an independent validator too, and the other way round; what does not is told by name. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { calls } from './calls.ts'
import { read } from './read.ts'
import { jsonSchemaOf, type Schema } from './schema.ts'

const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)

/** Values of all kinds, among them those that the schema itself speaks of. */
const valueFor = (schema: Schema<unknown>): fc.Arbitrary<unknown> => {
  const { enum: values, type } = schema.json
  const fitting: fc.Arbitrary<unknown> = values
    ? fc.constantFrom(...values)
    : schema.item
      ? fc.array(valueFor(schema.item), { maxLength: 3 })
      : schema.fields
        ? objectFor(schema.fields)
        : type === 'string'
          ? fc.string()
          : type === 'boolean'
            ? fc.boolean()
            : type === 'integer'
              ? fc.oneof(fc.integer(), fc.double())
              : fc.dictionary(fc.string(), fc.string())
  return fc.oneof({ weight: 6, arbitrary: fitting }, { weight: 1, arbitrary: fc.jsonValue() })
}
const objectFor = (fields: NonNullable<Schema<unknown>['fields']>): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.record(Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, valueFor(field)])), {
        requiredKeys: [],
      }),
      fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constant({ stranger: 1 }) }),
    )
    .map(([known, more]) => ({ ...known, ...more }))

for (const call of calls) {
  test(`${call.name}: what its schema lets pass is what an independent validator lets pass`, () => {
    const validate = ajv.compile(jsonSchemaOf(call.asks))
    const seen = { passed: 0, refused: 0 }
    fc.assert(
      fc.property(valueFor(call.asks), value => {
        // As it arrives: what JSON cannot say (NaN, undefined) is gone.
        const given: unknown = JSON.parse(JSON.stringify(value) ?? 'null')
        const found = read(call.asks, given)
        assert.equal('value' in found, validate(given), `${JSON.stringify(given)} ${JSON.stringify(found)}`)
        seen['value' in found ? 'passed' : 'refused'] += 1
        if ('wrong' in found) assert.match(found.wrong, /^("|The request).*\.$/s)
      }),
      { numRuns: 300, seed: 11 },
    )
    assert.ok(seen.passed > 0 && seen.refused > 0, JSON.stringify(seen))
  })

  for (const [name, field] of Object.entries(call.asks.fields)) {
    test(`${call.name}: "${name}" of another kind is told by its name`, () => {
      for (const value of [{ a: 1 }, [[]], 1.5, true, 'no such word', '']) {
        const found = read(call.asks, { ...(soundOf(call.asks) as object), [name]: value })
        if ('wrong' in found) assert.match(found.wrong, new RegExp(`^"${name}(\\[0\\])?(\\.\\w+)?" `))
        else assert.ok(ajv.validate(jsonSchemaOf(field), value), `${name} took ${JSON.stringify(value)}`)
      }
    })
  }
}

/** The least that passes. */
const soundOf = (schema: Schema<unknown>): unknown => {
  const { fields, item, json } = schema
  if (fields) {
    const required = Object.entries(fields).filter(([, field]) => !field.isOptional)
    return Object.fromEntries(required.map(([key, field]) => [key, soundOf(field)]))
  }
  if (item) return [soundOf(item)]
  return json.enum?.[0] ?? (json.type === 'string' ? 'x' : json.type === 'integer' ? 1 : true)
}

test('a field that may be left out may be null, which means the same; one that may not is missed', () => {
  const asks = calls.find(({ name }) => name === 'addComment')?.asks
  assert.ok(asks)
  const item = { id: 'x', message: 'm' }
  assert.deepEqual(read(asks, { items: [{ ...item, internal: null }] }), {
    value: { items: [{ ...item, internal: null }] },
  })
  assert.deepEqual(read(asks, { items: [{ id: 'x' }] }), {
    wrong: '"items[0].message" is missing: it must be a text that is not empty.',
  })
})

test('names that every object has are no fields', () => {
  const asks = calls.find(({ name }) => name === 'replay')?.asks
  assert.ok(asks)
  const found = read(asks, JSON.parse('{"__proto__": {"ids": ["a"]}}'))
  assert.ok('wrong' in found && found.wrong.startsWith('"__proto__" is not a field'))
  assert.deepEqual(read(asks, Object.create({ ids: ['a'] })), { value: {} })
})
