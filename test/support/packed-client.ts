/** What somebody gets who installs the package: the packed tarball, unpacked into an empty project. Without its dependencies, which
 *  the client does not need, and so without a network. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

const PACK = ['pack', '--json', '--offline', '--ignore-scripts']

export type EmptyProject = {
  readonly folder: string
  /** The installed package. */
  readonly installed: string
  write(files: Readonly<Record<string, string>>): void
  dispose(): void
}

/** Needs `dist/`, as the pages do: `npm test` and `npm run build` make it. */
export const installPacked = (): EmptyProject => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-project-'))
  const installed = join(folder, 'node_modules', 'support-relay')
  const cache = join(folder, 'cache')
  mkdirSync(installed, { recursive: true })
  const [packed] = JSON.parse(
    execFileSync('npm', [...PACK, '--pack-destination', folder, '--cache', cache], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )
  const tarball = join(folder, packed.filename)
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  rmSync(tarball)
  rmSync(cache, { recursive: true, force: true })
  return {
    folder,
    installed,
    write(files) {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    },
    dispose: () => rmSync(folder, { recursive: true }),
  }
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
