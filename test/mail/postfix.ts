/** Debian's Postfix, in a folder of its own and beside any other: three ports on loopback, and whatever it takes for example.org goes on to the given one. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const POSTFIX = '/usr/sbin/postfix'
const OPENSSL = '/usr/bin/openssl'

/** What is missing to start it, as a sentence. */
export const missing = (): string | undefined => {
  const tools = [POSTFIX, OPENSSL].filter(tool => !existsSync(tool))
  if (tools.length > 0) return `${tools.join(' and ')} cannot be found: apt-get install postfix openssl.`
  return process.getuid?.() === 0 ? undefined : 'Postfix can be started by root alone.'
}

export type Postfix = {
  /** Plain text only; STARTTLS offered; TLS from the start. */
  readonly ports: { readonly plain: number; readonly startTls: number; readonly tls: number }
  /** What it showed as receiver.test (PEM). */
  readonly certificate: string
  stop(): Promise<void>
}

export const LIMIT_BYTES = 300_000

export const startPostfix = async (next: number): Promise<Postfix> => {
  const folder = mkdtempSync(join(tmpdir(), 'support-relay-postfix-'))
  const at = (name: string) => join(folder, name)
  chmodSync(folder, 0o755) // its parts run as users of their own
  const ports = { plain: await freePort(), startTls: await freePort(), tls: await freePort() }
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    at('key'),
    '-out',
    at('certificate'),
  ]
  spawnSync(OPENSSL, [...made, '-subj', '/CN=receiver.test', '-addext', 'subjectAltName=DNS:receiver.test'])
  for (const name of ['queue', 'data']) mkdirSync(at(name))
  spawnSync('chown', ['postfix', at('data')])
  writeFileSync(at('main.cf'), mainCf(folder, next))
  writeFileSync(at('master.cf'), masterCf(ports))
  const child = spawn(POSTFIX, ['-c', folder, 'start-fg'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (said += data))
  const ended = once(child, 'close')
  const stop = async () => {
    spawnSync(POSTFIX, ['-c', folder, 'stop'])
    await ended
    rmSync(folder, { recursive: true })
  }
  for (let tries = 0; !(await isListening(ports.plain)); tries += 1) {
    if (child.exitCode !== null || tries > 200) {
      await stop()
      throw new Error(`Postfix does not listen: ${said}`)
    }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return { ports, certificate: readFileSync(at('certificate'), 'utf8'), stop }
}

const mainCf = (folder: string, next: number): string => `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
myhostname = receiver.test
inet_interfaces = loopback-only
mydestination =
alias_maps =
relay_domains = example.org
relay_transport = smtp:[127.0.0.1]:${next}
smtpd_relay_restrictions = reject_unauth_destination
message_size_limit = ${LIMIT_BYTES}
smtpd_tls_cert_file = ${folder}/certificate
smtpd_tls_key_file = ${folder}/key
smtpd_client_connection_count_limit = 0
smtp_tls_security_level = none
`

const masterCf = ({ plain, startTls, tls }: Postfix['ports']): string => `
127.0.0.1:${plain} inet n - n - - smtpd
127.0.0.1:${startTls} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
127.0.0.1:${tls} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  await new Promise(resolve => server.close(resolve))
  return port
}

const isListening = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
