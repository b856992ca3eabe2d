/** Loaded before each test file: `fetch` then rejects where the service does not keep to its own documentation. */
const plain = globalThis.fetch
globalThis.fetch = async (input, init) => {
  const answer = await plain(input, init)
  const isOurs = answer.headers.has('job-id')
  const contentType = answer.headers.get('content-type')
  if (!isOurs || !contentType?.startsWith('application/json')) return answer
  // Only where it is needed: it takes a while to load.
  const { undocumented } = await import('./conformance.ts')
  const given = input instanceof Request ? input : undefined
  const body = init?.body
  const problem = undocumented({
    method: init?.method ?? given?.method ?? 'GET',
    url: given?.url ?? String(input),
    requestBody: typeof body === 'string' ? body : null,
    status: answer.status,
    contentType,
    isOurs,
    text: await answer.clone().text(),
  })
  if (problem !== undefined) throw new Error(problem)
  return answer
}

export {}
