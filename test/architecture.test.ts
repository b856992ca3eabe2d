/** The house rules, checked: who may know whom, no import cycle (types included), no file that has grown too large. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import test from 'node:test'

const root = resolve(import.meta.dirname, '..')
const LINES_MAX = 300

/** What each room may import of ours, besides itself. A star: rooms speak in domain types, app/ hands each what it needs. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  api: [],
  domain: ['api'],
  destinations: ['api', 'domain'],
  transport: ['api', 'domain'],
  store: ['api', 'domain'],
  engine: ['api', 'domain'],
  http: ['api', 'domain', 'web/pages'],
  config: ['api', 'domain'],
  telemetry: ['api', 'domain'],
  'app.ts': ['api', 'app', 'domain', 'destinations', 'transport', 'store', 'engine', 'http', 'config', 'telemetry'],
  app: ['api', 'domain', 'destinations', 'transport', 'store', 'engine', 'http', 'config', 'telemetry'],
  cli: ['app.ts'],
  // Of the wire contract it uses types only: it is installed without the rest.
  client: ['api'],
  // Of the wire contract they use types only.
  'web/components': ['api'],
  'web/pages': ['api', 'web/components'],
}

/** Each file's imports of ours, as paths from the root. */
const imports = new Map<string, readonly string[]>(
  globSync(['src/**/*.ts', 'web/**/*.{ts,tsx}'], { cwd: root })
    .filter(file => !/\.test\.tsx?$/.test(file))
    .map(file => [file, importsOf(file)]),
)

function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const specifiers = source.matchAll(/\b(?:from|import)\s*\(?\s*'((?:\.{1,2}\/|#)[^']+)'/g)
  return [...specifiers].map(([, specifier = '']) =>
    specifier === '#pages' ? 'web/pages/index.tsx' : relative(root, resolve(root, dirname(file), specifier)),
  )
}

const roomOf = (file: string): string => {
  const [first = '', second = ''] = file.split('/')
  return first === 'web' ? `web/${second}` : second
}

const findings = (importsByFile: ReadonlyMap<string, readonly string[]>): string[] =>
  [...importsByFile].flatMap(([file, targets]) =>
    targets
      .filter(target => roomOf(target) !== roomOf(file) && !ROOMS[roomOf(file)]?.includes(roomOf(target)))
      .map(target => `${file} → ${target}`),
  )

/** The files of one cycle, or undefined. */
const cycleIn = (importsByFile: ReadonlyMap<string, readonly string[]>): string[] | undefined => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const target of importsByFile.get(file) ?? []) {
      const cycle = visit(target, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of importsByFile.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
  return undefined
}

test('every room is known, and every import names a file that is there', () => {
  const unknown = [...imports.keys()].filter(file => !(roomOf(file) in ROOMS))
  assert.deepEqual(unknown, [])
  const missing = [...imports].flatMap(([file, targets]) =>
    targets.filter(target => !imports.has(target)).map(target => `${file} → ${target}`),
  )
  assert.deepEqual(missing, [])
})

test('no room knows another that it may not know', () => {
  assert.deepEqual(findings(imports), [])
})

test('what is installed as support-relay/client brings no code of another room along, and no package', () => {
  const files = [...imports.keys()].filter(file => roomOf(file) === 'client')
  const code = (file: string) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/^(?:import|export) (?!type\b)[^;]*? from '([^']+)'/gm)]
      .map(([, from = '']) => from)
      .filter(from => !from.startsWith('./'))
  assert.ok(files.length > 2)
  assert.deepEqual(files.flatMap(code), [])
})

test('a forbidden import would be found', () => {
  assert.equal(findings(new Map([['src/engine/x.ts', ['src/store/y.ts']]])).length, 1)
  assert.equal(findings(new Map([['src/cli/x.ts', ['src/domain/y.ts']]])).length, 1)
})

test('no file imports itself over others, types included', () => {
  assert.equal(cycleIn(imports), undefined)
})

test('a cycle would be found', () => {
  const circle = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['a']],
  ])
  assert.deepEqual(cycleIn(circle), ['a', 'b', 'c', 'a'])
})

test(`no file has more than ${LINES_MAX} lines`, () => {
  const files = globSync(['{src,web,test,bench,scripts,bin}/**/*.{ts,tsx,js}'], { cwd: root })
  const large = files.map(file => [file, readFileSync(join(root, file), 'utf8').split('\n').length - 1] as const)
  assert.deepEqual(
    large.filter(([, lines]) => lines > LINES_MAX),
    [],
  )
})

test('each of these libraries is known to one file: the database, the network, the log', () => {
  const users = (name: string) =>
    [...imports.keys()].filter(file => new RegExp(`from '${name}'`).test(readFileSync(join(root, file), 'utf8')))
  assert.deepEqual(users('node:sqlite'), ['src/store/sqlite/database.ts'])
  assert.deepEqual(users('pg'), ['src/store/postgres/connection.ts'])
  assert.deepEqual(users('undici'), ['src/transport/http.ts'])
  assert.deepEqual(users('pino'), ['src/telemetry/log.ts'])
})

test('the domain takes no time, chance or network from the air', () => {
  const taken = /\bDate\.now\(|\bnew Date\(\)|Math\.random\(|\bfetch\(|setTimeout\(|setInterval\(|performance\.now\(/
  const rooms = ['domain', 'destinations', 'engine', 'api']
  const guilty = [...imports.keys()].filter(
    file =>
      rooms.includes(roomOf(file)) &&
      file !== 'src/domain/clock.ts' &&
      taken.test(readFileSync(join(root, file), 'utf8')),
  )
  assert.deepEqual(guilty, [])
})
