/** `search` over HTTP: what the store finds, asked for as people type it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess } from '../../test/support/in-process.ts'
import { post, token } from '../../test/support/service.ts'

let at: InProcess
before(async () => {
  at = await startInProcess()
})
after(() => at.stop())

const as = (sub: string, role = 'USER') => ({ authorization: `Bearer ${token({ sub, role })}` })
const find = async (body: unknown, role = 'ADMIN') => {
  const answer = await fetch(`${at.address}/api/support/search`, {
    method: 'POST',
    headers: as('staff', role),
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: await answer.json() }
}
const found = async (query: string, more: object = {}) =>
  (await find({ query, ...more })).body.items.map(({ id }: { id: string }) => id)
const write = async (username: string, body: object) => {
  const answer = await post(at.address, body, as(username))
  return { id: answer.headers.get('ticket-id') ?? '', reference: answer.headers.get('ticket-reference') ?? '' }
}
/** New text is found within two seconds. */
const until = async (isSo: () => Promise<boolean>) => {
  while (!(await isSo())) await new Promise(resolve => setImmediate(resolve))
}

test('words, references, notes: what staff type finds the tickets that hold it', async () => {
  const ada = await write('Ada#1', { subject: "Ada's job", message: 'The upload of /home/ada/data.csv stops at 50 %.' })
  const wei = await write('Wei#2', { message: '文件上传失败', type: 'BUG' })
  await fetch(`${at.address}/api/support/addComment`, {
    method: 'POST',
    headers: as('staff', 'ADMIN'),
    body: JSON.stringify({ items: [{ id: ada.id, message: 'quota exceeded', internal: true }] }),
  })
  await until(async () => (await found('quota')).length === 1 && (await found('上传')).length === 1)
  assert.deepEqual(await found('UPLOAD stops'), [ada.id])
  assert.deepEqual(await found('upload nothing'), [])
  assert.deepEqual(await found('/home/ada/data.csv'), [ada.id])
  assert.deepEqual(await found('传'), [wei.id])
  assert.deepEqual(await found(ada.reference.toLowerCase().replaceAll('-', '')), [ada.id])
  assert.deepEqual(await found('upload OR 上传'), [], 'an operator is a word like others')
  assert.deepEqual(await found('"'), [], 'a quote is a quote')
  assert.deepEqual((await found('')).length, 2)
  assert.deepEqual(await found('', { filterType: 'BUG' }), [wei.id])
  assert.deepEqual(await found('quota', { filterUser: 'Wei#2' }), [])
  assert.deepEqual(await found('', { to: 1 }), [])
})

test('pages go on by `next`, which is tied to the question', async () => {
  const written: string[] = []
  for (let i = 0; i < 3; i += 1) written.unshift((await write('Bob#3', { message: `zebra ${i}` })).id)
  await until(async () => (await found('zebra')).length === 3)
  const one = await find({ query: 'zebra', itemsPerPage: 2 })
  const first = await find({ query: 'zebra', itemsPerPage: 2, next: '' })
  assert.deepEqual(first.body, one.body, 'an empty one is that of the first page, as with browse')
  const two = await find({ query: 'zebra', itemsPerPage: 2, next: one.body.next })
  assert.deepEqual(
    [...one.body.items, ...two.body.items].map(({ id }: { id: string }) => id),
    written,
  )
  assert.equal(two.body.next, null)
  assert.equal(
    (await find({ query: 'other', itemsPerPage: 2, next: one.body.next })).body.errorCode,
    'INVALID_PAGE_TOKEN',
  )
})

test('users may not; a wrong filter is told', async () => {
  assert.equal((await find({ query: 'x' }, 'USER')).status, 403)
  assert.match((await find({ query: 7 })).body.why, /"query" must be a text/)
  assert.match((await find({ querry: 'x' })).body.why, /"querry" is not a field of this call/)
  assert.match((await find({ filterStatus: 'OPEN' })).body.why, /"filterStatus" must be one of RECEIVED/)
})
