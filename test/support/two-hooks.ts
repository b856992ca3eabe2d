/** A configuration with two signed webhooks at one receiver, and users who may write as much as they like. */
import { HOOK_SECRET, SECRET } from './service.ts'

export const HOOKS = ['archive', 'team'] as const

export const twoHooks = (receiver: string): string => `
server: { port: 0 }
auth: { issuer: cloud.sdu.dk, sharedSecret: "${SECRET}" }
destinations:
${HOOKS.map(name => `  ${name}: { kind: webhook, url: "${receiver}/${name}", secret: "${HOOK_SECRET}" }`).join('\n')}
routes: [{ to: [${HOOKS.join(', ')}] }]
limits: { ticketsPerUserPerHour: 1000000 }
network: { allow: [127.0.0.0/8] }
metrics: { port: 0 }
`
