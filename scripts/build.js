/* Compiles src/ and web/ to dist/, with the files that are not code beside it, and the client (`support-relay/client`) once more for those
   who install it. The old dist/ is replaced only by a whole new one. */
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const fresh = join(root, 'dist.new')

rmSync(fresh, { recursive: true, force: true })
compile('tsconfig.build.json', [])
for (const folder of ['src', 'web']) {
  cpSync(join(root, folder), join(fresh, folder), { recursive: true, filter: path => !/\.tsx?$/.test(path) })
}
const esm = ['--outDir', 'dist.new']
const commonJs = ['--outDir', 'dist.new/cjs', '--module', 'commonjs', '--moduleResolution', 'bundler']
buildClient(esm)
buildClient([...commonJs, '--verbatimModuleSyntax', 'false'])
writeFileSync(join(fresh, 'cjs', 'package.json'), '{ "type": "commonjs" }\n')
rmSync(join(root, 'dist'), { recursive: true, force: true })
renameSync(fresh, join(root, 'dist'))

function compile(project, options) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [tsc, '-p', project, ...options]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** Comments belong to the types, where editors show them: in what browsers load they would be a third of the bytes. */
function buildClient(options) {
  const out = join(root, options[1])
  compile('tsconfig.client.json', [...options, '--removeComments'])
  // Of api/ there are types only.
  for (const file of globSync(['api/*.js', 'client/types.js'], { cwd: out })) rmSync(join(out, file))
  compile('tsconfig.client.json', [...options, '--declaration', '--emitDeclarationOnly'])
  for (const file of globSync('{api,client}/*.d.ts', { cwd: out })) {
    // The compiler leaves these as they are in the source; every TypeScript there is reads them as .js.
    const text = readFileSync(join(out, file), 'utf8')
    writeFileSync(join(out, file), text.replace(/(from ')(\.[^']+)\.ts'/g, "$1$2.js'"))
  }
}
