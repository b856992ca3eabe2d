/** Everything that README.md and docs/ show to be copied works as it stands. Each fenced block is run here by its language, or by a test of
 *  its own page (test/*-docs.test.ts that names the page); a command may be run by another test that is named below. What nothing runs fails. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, type TestContext } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { guides } from '../scripts/docs/destination-guides.ts'
import { metrics } from '../scripts/docs/metrics-page.ts'
import { calls } from '../src/api/calls.ts'
import { webhookEvents } from '../src/api/events.ts'
import { errorShape } from '../src/api/openapi.ts'
import { jsonSchemaOf } from '../src/api/schema.ts'
import { load } from './support/config.ts'
import { type Block, blocksOf, commandsOf, documents, mentionsOf, root, textOf } from './support/docs-blocks.ts'
import { type DocsStage, startDocsStage } from './support/docs-stage.ts'
import { SECRET } from './support/service.ts'

/** Commands that another test runs, and a word of that test which shows it. */
const COVERED: Readonly<Record<string, { readonly by: string; readonly shownBy: string }>> = {
  'npm start': { by: 'test/npm-start.test.ts', shownBy: "spawn('npm', ['start'" },
  ...Object.fromEntries(
    ['migrate --plan', 'migrate --grant-to relay', 'doctor --patroni http://db1.example.org:8008'].map(command => [
      `npx support-relay ${command}`,
      { by: 'test/scaling-docs.test.ts', shownBy: "blocksOf('docs/scaling.md')" },
    ]),
  ),
  "npx support-relay move --from ./data --to 'postgres://relay:${DB_PASSWORD}@db1,db2/relay'": {
    by: 'test/move/service.test.ts',
    shownBy: "blocksOf('docs/scaling.md')",
  },
  'npm install <the packed tarball>': { by: 'test/client-package.test.ts', shownBy: 'tarball' },
}

/** What the reader puts in, by what is put in here. */
const filledIn = (text: string, stage: DocsStage): string =>
  text
    .replaceAll('<this repository>', root)
    .replaceAll('JWT_SECRET=…', `JWT_SECRET=${SECRET}`)
    .replaceAll('services/…', 'services/T0/B0/x')
    .replaceAll('/backups/', `${stage.folder}/backup-of-`)
    // Where a service runs, nothing is restored.
    .replace(/(restore .*--data )\.\/data/, '$1./restored')
    .replaceAll('SUP-7K3F-Q2MX', stage.reference)
    .replaceAll('0199…', stage.id)

const ENV = {
  ...Object.assign({}, ...Object.values(guides).map(({ environment }) => environment)),
  SUPPORT_HOOK: 'https://hooks.slack.com/services/T0/B0/x',
  DEVSUPPORT_HOOK: 'https://hooks.slack.com/services/T0/B0/y',
  ARCHIVE_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  JWT_SECRET: SECRET,
}

const blocks = documents.flatMap(file => blocksOf(file))
const firstConfiguration = blocks.find(({ language }) => language === 'yaml')?.text ?? ''
let stage: DocsStage
before(async () => {
  stage = await startDocsStage()
})
after(() => stage.dispose())

const shell = async ({ file, text }: Block, t: TestContext): Promise<void> => {
  if (text.includes('git clone') && !existsSync(join(root, '.git'))) return t.skip('this is no clone of a repository')
  const commands = commandsOf(text).filter(command => !isCovered(command))
  const script = filledIn(commands.join('\n'), stage)
  const configuration = join(stage.folder, 'support-relay.yaml')
  const own = readFileSync(configuration)
  // `check` is for the configuration that the reader has just written.
  if (file === 'README.md') writeFileSync(configuration, firstConfiguration)
  try {
    const { code, said } = await stage.shell(script)
    assert.equal(code, 0, `${script}\n${said}`)
    if (script.includes('curl ')) assert.deepEqual(JSON.parse(said), {})
    else if (script !== '' && !script.startsWith('git ')) assert.notEqual(said, '')
  } finally {
    writeFileSync(configuration, own)
    rmSync(join(stage.folder, 'support-relay'), { recursive: true, force: true })
  }
}

const isCovered = (command: string): boolean => {
  const covered = COVERED[command.replace(/\s+# .*$/, '').trim()]
  if (!covered) return false
  assert.ok(existsSync(join(root, covered.by)), `${covered.by}, which is to run "${command}", is not there`)
  assert.ok(textOf(covered.by).includes(covered.shownBy), `${covered.by} does not run "${command}" any more`)
  return true
}

/** A part of a configuration, made whole by what it leaves out. */
const configuration = ({ text }: Block): void => {
  const auth = firstConfiguration.slice(firstConfiguration.indexOf('auth:'))
  const rest = firstConfiguration.slice(0, firstConfiguration.indexOf('auth:'))
  const whole = [text, ...(text.includes('auth:') ? [] : [auth]), ...(text.includes('routes:') ? [] : [rest])].join(
    '\n',
  )
  const loaded = load({ '/home/support-relay.yaml': whole }, { env: ENV })
  assert.ok('config' in loaded, JSON.stringify(loaded, null, 1))
  assert.deepEqual(loaded.warnings, [])
}

const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true, uuid: true, int64: true } })
const shapes = [errorShape, ...webhookEvents, ...calls.flatMap(({ asks, answers }) => [asks, answers])].filter(
  // One without properties of its own would take anything.
  ({ fields = {} }) => Object.keys(fields).length > 0,
)
const isOfTheApi = ajv.compile({ anyOf: shapes.map(shape => ({ ...jsonSchemaOf(shape), minProperties: 1 })) })
const json = ({ text }: Block): void => {
  const value = JSON.parse(text)
  assert.ok(isOfTheApi(value), `of no shape of the API: ${ajv.errorsText(isOfTheApi.errors)}`)
}

const RUNNERS: Readonly<Record<string, (block: Block, t: TestContext) => void | Promise<void>>> = {
  bash: shell,
  sh: shell,
  yaml: configuration,
  json,
  promql({ text }) {
    const known = metrics().map(({ name }) => name)
    for (const [name] of text.matchAll(/support_relay_\w+/g)) assert.ok(known.includes(name), name)
  },
  // Drawings: there is nothing to run.
  text: () => undefined,
}

const ownTests = globSync('test/*-docs.test.ts', { cwd: root }).map(file => textOf(file))
const hasOwnTest = (file: string): boolean =>
  ownTests.some(text => text.includes(file.startsWith('docs/') ? file : `'${file}'`))

for (const block of blocks) {
  const { file, line, language } = block
  const runner = RUNNERS[language]
  if (runner) test(`${file}:${line} (${language}) works as it stands`, t => runner(block, t))
  else if (!hasOwnTest(file)) {
    test(`${file}:${line} (${language}) is run by something`, () =>
      assert.fail(`no test runs it: add a language to RUNNERS, or a test/*-docs.test.ts that names '${file}'`))
  }
}

test('every command that is mentioned exists, with the options that are named', async () => {
  const mentions = documents.flatMap(file => mentionsOf(textOf(file)))
  assert.ok(mentions.length > 5)
  for (const [command, of] of Map.groupBy(mentions, ({ command }) => command)) {
    const { code, said } = await stage.shell(`support-relay ${command} --help`)
    assert.deepEqual([code, said.startsWith(`Usage: support-relay ${command}`)], [0, true], command)
    for (const option of of.flatMap(({ options }) => options)) assert.ok(said.includes(option), `${command} ${option}`)
  }
})

test('the question to the routes that the README asks is answered', async () => {
  const [, command = ''] = /`npx (support-relay routes explain [^`]+)`/.exec(textOf('README.md')) ?? []
  const { code, said } = await stage.shell(command)
  assert.equal(code, 0, said)
  assert.match(said, /support/)
})

test('what cannot be run is noticed', () => {
  const [block] = blocksOf('x.md', "Text\n\n```bash\nexit 3 # no\n\ncurl a \\\n  -d '{\n}'\n```\n")
  assert.deepEqual([block?.line, block?.language], [4, 'bash'])
  assert.deepEqual(commandsOf(block?.text ?? ''), ['exit 3 # no', "curl a \\\n  -d '{\n}'"])
  assert.equal(hasOwnTest('docs/nothing.md'), false)
  assert.equal(isCovered('npm start'), true)
  assert.equal(isCovered('npm startle'), false)
  assert.equal(isOfTheApi({ id: 'x', nothing: 1 }), false)
})

test('every page that is linked to is there', () => {
  for (const page of [...documents, 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) {
    for (const [, target = ''] of textOf(page).matchAll(/(?:\]\(|href=")(?!https?:|#)([^)#"]+)/g)) {
      assert.ok(existsSync(join(root, page, '..', target)), `${page} → ${target}`)
    }
  }
})

test('the index names every page', () => {
  // Each kind's page stands in the index of its own.
  const index = textOf('docs/README.md') + textOf('docs/destinations.md')
  const pages = documents.filter(file => file.startsWith('docs/') && !/^docs\/(decisions\/|README)/.test(file))
  assert.deepEqual(
    pages.filter(file => !index.includes(`(${file.slice('docs/'.length)})`)),
    [],
  )
})

test('every test that the guarantees name is there', () => {
  const files = [...textOf('docs/guarantees.md').matchAll(/`((?:test|src)\/[^`*]+\.ts)`/g)].map(([, file = '']) => file)
  assert.ok(files.length > 5)
  for (const file of files) assert.ok(existsSync(join(root, file)), file)
})
