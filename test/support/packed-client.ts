/** What somebody gets who installs the package: the packed tarball in an empty project, by npm. Its dependencies come out of npm's cache or from
 *  the registry; where that cannot be reached the tarball is only unpacked, as the client needs none of them, and `notByNpm` says so. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

const PACK = ['pack', '--json', '--offline', '--ignore-scripts']
// Not the optional ones: they are Node itself, 190 MB.
const INSTALL =
  'install --ignore-scripts --no-audit --no-fund --omit=dev --omit=optional --prefer-offline --fetch-retries=0 --logs-max=0'.split(
    ' ',
  )
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/

export type EmptyProject = {
  readonly folder: string
  /** The installed package. */
  readonly installed: string
  /** Why it is only unpacked; null where npm installed it. */
  readonly notByNpm: string | null
  write(files: Readonly<Record<string, string>>): void
  dispose(): void
}

/** Needs `dist/`, as the pages do: `npm test` and `npm run build` make it. @param options.byNpm false: only unpacked, which takes no time */
export const installPacked = ({ byNpm }: { readonly byNpm: boolean }): EmptyProject => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-project-'))
  const installed = join(folder, 'node_modules', 'support-relay')
  const cache = join(folder, 'cache')
  // Without one npm looks for a project in the folders above.
  writeFileSync(join(folder, 'package.json'), '{}')
  const [packed] = JSON.parse(
    execFileSync('npm', [...PACK, '--pack-destination', folder, '--cache', cache], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )
  rmSync(cache, { recursive: true, force: true })
  const notByNpm = byNpm ? install(folder, `./${packed.filename}`) : 'it was not asked to'
  if (notByNpm !== null) {
    mkdirSync(installed, { recursive: true })
    execFileSync('tar', ['-xzf', packed.filename, '-C', installed, '--strip-components=1'], { cwd: folder })
  }
  return {
    folder,
    installed,
    notByNpm,
    write(files) {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    },
    dispose: () => rmSync(folder, { recursive: true }),
  }
}

/** Null, or why the registry could not be reached. */
const install = (folder: string, tarball: string): string | null => {
  const { status, stderr } = spawnSync('npm', [...INSTALL, tarball], { cwd: folder, encoding: 'utf8' })
  if (status === 0) return null
  const [code] = UNREACHABLE.exec(stderr) ?? []
  if (code === undefined) {
    rmSync(folder, { recursive: true })
    throw new Error(`npm install failed: ${stderr}`)
  }
  return `the registry cannot be reached (${code})`
}

/** What the compiler says about the project, empty when it is content. The package's own types are checked too. */
export const compile = (project: EmptyProject, options: readonly string[], files: readonly string[]): string => {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const strict = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
    'false',
    '--target',
    'es2022',
  ]
  try {
    execFileSync(process.execPath, [tsc, '--ignoreConfig', ...strict, ...options, ...files], {
      cwd: project.folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return ''
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout) // what the compiler printed
  }
}
