/** What stands in the configuration about the way out: what may be reached, through which proxy, and whose certificates are trusted. */
import { X509Certificate } from 'node:crypto'
import { parseHostName } from '../domain/allowed.ts'
import { parseCidr } from './cidr.ts'
import { decodeUtf8 } from './expand.ts'
import { optional, type Type } from './keys.ts'
import { oneOrMore, parsed, secret, text } from './types.ts'

/** The bytes of a file, relative to the working directory; throws what node:fs throws. */
export type ReadFile = (path: string) => Uint8Array

export type CaFile = { readonly path: string; readonly pem: string }

export type ProxyAddress = {
  readonly host: string
  readonly port: number
  readonly login: { readonly username: string; readonly password: string } | null
}

/** Where keys are only described. */
export const noFiles: ReadFile = path => {
  throw new Error(`there are no files, and so no ${path}`)
}

export const networkKeys = (read: ReadFile) => ({
  allow: optional(reachable, [] as readonly string[], {
    meaning:
      "Networks and hosts that destinations may reach although they are private or not the vendor's own; plain http is allowed to them. " +
      'A host stands by its name (`chat.example.org`; `.example.org` for all below it), or its addresses lie in a network that stands here. ' +
      'Without it only public addresses are reached, by https, and the kinds of a vendor reach that vendor only. ' +
      'A name opens public and private addresses, never link-local ones.',
    shown: 'none',
    example: '[127.0.0.0/8, chat.example.org]',
  }),
  proxy: optional(proxy, null, {
    meaning:
      'The proxy through which requests and mails go out (CONNECT, for https, http and SMTP alike). ' +
      'What the environment variable NO_PROXY lists, and this machine, is reached without it: a mail server within your own network belongs there, too. ' +
      'The proxy is asked for the address that was checked here; for a host that `network.allow` lists by name, for that name.',
    example: '"http://relay:${PROXY_PASSWORD}@proxy.example.org:3128"',
  }),
  caFile: optional(caFile(read), null, {
    meaning:
      'A file of certificates (PEM) that are trusted beside the usual ones, for every destination and for `auth.jwksUrl`.',
    example: '/etc/ssl/own-authority.pem',
  }),
})

const reachable = oneOrMore(
  parsed(
    'an address range or a host name',
    '10.0.0.0/8, fd00::/8, 192.0.2.7, chat.example.org or .example.org',
    entry => parseCidr(entry) ?? parseHostName(entry),
  ),
  { mayBeEmpty: true },
)

export function caFile(read: ReadFile): Type<CaFile> {
  const form = 'the path of a PEM file'
  return {
    form,
    read(found, findings) {
      const path = text(form).read(found, findings)
      if (path === undefined) return undefined
      const content = decodeUtf8(() => read(path))
      const fault = content.ok ? pemFault(content.text) : `The file ${content.why}.`
      if (content.ok && fault === undefined) return { path, pem: content.text }
      findings.problem(
        found.place,
        fault ?? '',
        'Name a file with the certificate of your authority, as PEM, that the service may read.',
      )
      return undefined
    },
  }
}

const pemFault = (pem: string): string | undefined => {
  if (/PRIVATE KEY-----/.test(pem)) return 'The file holds a private key, which does not belong there.'
  const blocks = pem.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END [^-]+-----/g) ?? []
  if (blocks.length === 0) return 'The file holds no certificate.'
  return blocks.every(isCertificate) ? undefined : 'The file holds a certificate that cannot be read.'
}

const isCertificate = (block: string): boolean => {
  try {
    return new X509Certificate(block) !== undefined
  } catch {
    return false
  }
}

const proxy: Type<ProxyAddress> = {
  form: 'the http:// address of a proxy, with its port',
  read(found, findings) {
    const value = secret(proxy.form).read(found, findings)
    if (value === undefined) return undefined
    const address = proxyOf(value)
    // It may hold the password, so it is not shown.
    if (address === undefined)
      findings.problem(
        found.place,
        `The value is not ${proxy.form}.`,
        'Write it like http://proxy.example.org:3128, with name:password@ before the host where the proxy wants them. Proxies that are reached by https:// or socks:// are not used.',
      )
    return address
  },
}

/** Not by a URL parser: a password put in from outside may hold any character. Where it is percent-encoded, it is decoded. */
const proxyOf = (value: string): ProxyAddress | undefined => {
  const [, userinfo, name = '', digits = ''] =
    /^http:\/\/(?:(.*)@)?([^\s@/?#:[\]]+|\[[0-9a-f:.]+\]):(\d{1,5})\/?$/is.exec(value.trim()) ?? []
  const port = Number(digits)
  const host = name.replace(/^\[|\]$/g, '')
  if (host === '' || port < 1 || port > 65_535) return undefined
  if (userinfo === undefined) return { host, port, login: null }
  const [username = '', ...password] = userinfo.split(':')
  return { host, port, login: { username: decoded(username), password: decoded(password.join(':')) } }
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
