/** Loading configurations from texts, without a disk. */
import { type LoadOptions, loadConfig } from '../../src/config/load.ts'
import { destinationKinds } from '../../src/destinations/index.ts'

const missing = (path: string) => Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' })

/** @param files contents by absolute path; what the configuration creates is added */
export const load = (files: Record<string, string>, options: Partial<LoadOptions> = {}) =>
  loadConfig({
    env: {},
    cwd: '/home',
    kinds: destinationKinds,
    files: {
      read(path) {
        const content = files[path]
        if (content === undefined) throw missing(path)
        return Buffer.from(content)
      },
      create(path, text) {
        if (path in files) return 'exists'
        files[path] = text
        return 'created'
      },
    },
    randomBytes: count => new Uint8Array(count).fill(count),
    ...options,
  })

export const SOUND = `
auth: { issuer: cloud.sdu.dk, sharedSecret: "a-long-shared-secret-of-somebody" }
destinations:
  support: { kind: slack, url: "https://hooks.slack.com/services/T0/B0/very-secret" }
  archive: { kind: webhook, url: https://example.org/hook, secret: whsec_${Buffer.alloc(32, 7).toString('base64')} }
routes:
  - { when: { type: BUG, mailDomain: [sdu.dk, aau.dk] }, to: [support, archive] }
  - { to: [support] }
`

/** The sound configuration with one thing changed, loaded from ./support-relay.yaml. */
export const loadChanged = (
  change: (text: string) => string,
  options: Partial<LoadOptions> = {},
  files: Record<string, string> = {},
) => load({ '/home/support-relay.yaml': change(SOUND), ...files }, options)
