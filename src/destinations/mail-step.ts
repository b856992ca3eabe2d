/** What every kind that sends mail has in common: its server, its login, and the mail as it is handed over. */
import { domainToASCII } from 'node:url'
import type { MailStep, Setting, Settings } from '../domain/destination.ts'
import { addressProblem, mailAddress, mailDomain } from '../domain/mail-address.ts'
import { textSetting } from './settings.ts'

const PORTS: Readonly<Record<string, string>> = { 'smtp:': '25', 'smtps:': '465' }

const serverProblem = (value: string): string | undefined => {
  const url = URL.parse(value)
  if (url === null || PORTS[url.protocol] === undefined || url.hostname === '')
    return 'This is no address of a mail server: it looks like smtp://mail.example.org:587, or smtps:// where TLS comes first.'
  if (url.username !== '' || url.password !== '')
    return 'The address must not hold a user name or a password: they have settings of their own, username and password.'
  if (!['', '?starttls=required'].includes(url.search) || !['', '/'].includes(url.pathname) || url.hash !== '')
    return 'After the port, nothing but ?starttls=required may follow.'
  return undefined
}

/** Where a mail goes out, and as whose. */
export const serverSettings = {
  smtp: {
    title:
      'Address of the mail server: `smtp://host:port` (STARTTLS when offered; with `?starttls=required` always), `smtps://` for TLS from the start',
    type: 'text',
    problem: serverProblem,
  },
  from: { title: 'Sender: an address of your own domain', type: 'text', problem: addressProblem },
} as const satisfies Readonly<Record<string, Setting>>

export const loginSettings = {
  username: { title: 'Login at the mail server', type: 'text', optional: true, needs: 'password' },
  password: { title: 'Its password', type: 'secret', optional: true, needs: 'username' },
} as const satisfies Readonly<Record<string, Setting>>

type Server = Pick<MailStep, 'url' | 'needsTls'>

const server = (settings: Settings): Server => {
  const { protocol, hostname, port, search } = new URL(textSetting(settings, 'smtp'))
  const host = domainToASCII(decodeURIComponent(hostname))
  return { url: `${protocol}//${host}:${port || PORTS[protocol]}`, needsTls: search !== '' || protocol === 'smtps:' }
}

export const addressSetting = (settings: Settings, name: string): string => {
  const address = mailAddress(textSetting(settings, name), { isWide: true })
  if (address === undefined) throw new Error(`setting ${name} is no address`)
  return address
}

const login = ({ username, password }: Settings): MailStep['login'] =>
  typeof username === 'string' && typeof password === 'string' ? { username, password } : null

type Content = Pick<MailStep, 'to' | 'subject' | 'at' | 'body' | 'html' | 'replyTo' | 'hasNoReturnPath'> & {
  readonly id: string
  /** The id of what this follows. */
  readonly after: string | null
  readonly headers: MailStep['headers']
}

/** From us, and marked as ours. */
export const mail = (settings: Settings, { id, after, headers, ...content }: Content): MailStep => {
  const from = addressSetting(settings, 'from')
  const domain = mailDomain(from)
  return {
    method: 'MAIL',
    ...server(settings),
    login: login(settings),
    from,
    // Who reads mail by machine is to see that a machine wrote it, and not to answer it by itself.
    headers: { 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All', ...headers },
    messageId: `${id}@${domain}`,
    inReplyTo: after && `${after}@${domain}`,
    ...content,
  }
}
