/** Which version of the service this is. */
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** From `package.json`, which lies at another distance from the source than from what is built of it. */
export const versionOfPackage = (): string => {
  const { version } = JSON.parse(readFileSync(findPackageJSON('..', import.meta.url) ?? '', 'utf8'))
  return version
}
