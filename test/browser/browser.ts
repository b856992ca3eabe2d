/** A browser for tests: BROWSER_PATH, else the packaged Chromium (Linux), else the system's. */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/** Ours, not the package's own arguments: those switch web security and site isolation off, and CSP tests would pass for nothing. */
const ARGUMENTS = ['--no-sandbox', '--disable-gpu']

type Found = { readonly executablePath: string; readonly env?: Record<string, string> }

/** A running browser, or undefined where there is none; under CI=1 that is an error. */
export const launchBrowser = async (): Promise<Browser | undefined> => {
  const found = await findBrowser()
  if (found)
    return chromium.launch({
      executablePath: found.executablePath,
      args: ARGUMENTS,
      env: { ...process.env, ...found.env },
    })
  const why = 'no browser found: set BROWSER_PATH, or install chromium'
  if (process.env.CI === '1') throw new Error(why)
  console.error(`SKIPPED browser tests, ${why}`)
  return undefined
}

const findBrowser = async (): Promise<Found | undefined> => {
  const { BROWSER_PATH } = process.env
  if (BROWSER_PATH) return { executablePath: BROWSER_PATH }
  // The package holds a binary for this one machine only.
  if (process.platform === 'linux' && process.arch === 'x64') return packagedChromium()
  const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(path => existsSync(path))
  return installed === undefined ? undefined : { executablePath: installed }
}

/** Unpacked once per user and version (files of another user would be in the way), whole or not at all: test files run side by side. */
const packagedChromium = async (): Promise<Found> => {
  const folder = join(tmpdir(), `support-relay-chromium-${packagedVersion()}-${userInfo().uid}`)
  if (!existsSync(folder)) {
    const fresh = mkdtempSync(`${folder}.`)
    await unpack(fresh)
    writeFileSync(join(fresh, 'fonts.conf'), fontsConfiguration(folder))
    try {
      renameSync(fresh, folder)
    } catch (error) {
      rmSync(fresh, { recursive: true })
      if (!existsSync(folder)) throw error
    }
  }
  const env = { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') }
  return { executablePath: join(folder, 'chromium'), env }
}

/** Its package.json is not exported, so it is read as a file. */
const packagedVersion = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.resolve('@sparticuz/chromium')), 'utf8')
  return /"version": "([\d.]+)"/.exec(text)?.[1] ?? 'unknown'
}

/** The package unpacks into TMPDIR, and with AWS_EXECUTION_ENV set while it is loaded also the libraries that a bare system lacks. */
const unpack = async (folder: string): Promise<void> => {
  const names = ['TMPDIR', 'AWS_EXECUTION_ENV', 'FONTCONFIG_PATH', 'LD_LIBRARY_PATH', 'HOME'] as const
  const before = names.map(name => [name, process.env[name]] as const)
  process.env.TMPDIR = folder
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs24.x'
  try {
    const { default: chromium } = await import('@sparticuz/chromium')
    await chromium.executablePath()
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

/** The package's own looks in /tmp/fonts only: anywhere else no letter would have a size, and every layout test would pass. */
const fontsConfiguration = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`
