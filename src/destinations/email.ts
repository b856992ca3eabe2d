/** Mail to one mailbox of the team, by SMTP. From us, never from the user, whose domain does not vouch for us; answers go to the user. */
import { domainToASCII } from 'node:url'
import { deliveryId, parseDeliveryId } from '../domain/delivery.ts'
import type { DestinationKind, MailStep, OutgoingEvent, Settings } from '../domain/destination.ts'
import { mailOutcome } from './email-answers.ts'
import { headerName, headerText, mailHtml, mailSubject, mailText, shorterMailText } from './email-message.ts'
import { addressProblem, mailAddress, mailDomain, ONE_ADDRESS } from './mail-address.ts'
import { textSetting } from './settings.ts'

/** A long message is text enough: twice in one mail it would only reach the server's limit sooner. */
const HTML_MAX_UNITS = 64 * 1024
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

type Server = Pick<MailStep, 'url' | 'needsTls'>

const server = (settings: Settings): Server => {
  const { protocol, hostname, port, search } = new URL(textSetting(settings, 'smtp'))
  const host = domainToASCII(decodeURIComponent(hostname))
  return { url: `${protocol}//${host}:${port || PORTS[protocol]}`, needsTls: search !== '' || protocol === 'smtps:' }
}

const addressSetting = (settings: Settings, name: string): string => {
  const address = mailAddress(textSetting(settings, name), { isWide: true })
  if (address === undefined) throw new Error(`setting ${name} is no address`)
  return address
}

const login = ({ username, password }: Settings): MailStep['login'] =>
  typeof username === 'string' && typeof password === 'string' ? { username, password } : null

type Content = Pick<MailStep, 'subject' | 'at' | 'body' | 'html' | 'replyTo'> & {
  readonly id: string
  /** The id of what this follows. */
  readonly after: string | null
  readonly headers: MailStep['headers']
}

const mail = (settings: Settings, { id, after, headers, ...content }: Content): MailStep => {
  const from = addressSetting(settings, 'from')
  const domain = mailDomain(from)
  return {
    method: 'MAIL',
    ...server(settings),
    login: login(settings),
    from,
    to: addressSetting(settings, 'to'),
    // Who reads mail by machine is to see that a machine wrote it, and not to answer it by itself.
    headers: { 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All', ...headers },
    messageId: `${id}@${domain}`,
    inReplyTo: after && `${after}@${domain}`,
    ...content,
  }
}

/** The mail of the created event, which is the head of the thread: its id follows from this one's. */
const firstOf = ({ deliveryId: id }: OutgoingEvent): string | null => {
  const name = parseDeliveryId(id)
  return name && name.eventNumber > 1 ? deliveryId(name.ticketId, { ...name, eventNumber: 1 }) : null
}

const replyTo = ({ ticket: { user } }: OutgoingEvent): MailStep['replyTo'] => {
  const address = mailAddress(user.email ?? '')
  return address === undefined ? null : { name: headerName(user.name), address }
}

const email: DestinationKind = {
  kind: 'email',
  title: 'Mail',
  settings: {
    smtp: {
      title:
        'Address of the mail server: `smtp://host:port` (STARTTLS when offered; with `?starttls=required` always), `smtps://` for TLS from the start',
      type: 'text',
      problem: serverProblem,
    },
    from: { title: 'Sender: an address of your own domain', type: 'text', problem: addressProblem },
    to: { title: 'Mailbox of the team: one address', type: 'text', problem: addressProblem, onlyOne: ONE_ADDRESS },
    username: { title: 'Login at the mail server', type: 'text', optional: true },
    password: { title: 'Its password', type: 'secret', optional: true },
  },
  rate: null,
  concurrency: 2,
  levels: ['rich', 'minimal'],
  isPrivate: true,
  start(event, settings, { level }) {
    const { ticket } = event
    const answersGoTo = replyTo(event)
    const whole = mailText(event, answersGoTo !== null)
    return mail(settings, {
      id: event.deliveryId,
      after: firstOf(event),
      subject: mailSubject(event),
      at: event.event.at,
      replyTo: answersGoTo,
      headers: { 'x-support-relay': ticket.reference, ...(ticket.type && { 'x-ticket-type': ticket.type }) },
      body: level === 'minimal' ? shorterMailText(event, whole) : whole,
      html: level === 'minimal' || whole.length > HTML_MAX_UNITS ? null : mailHtml(event, answersGoTo !== null),
    })
  },
  notice: ({ id, type, at, headline, text }, settings) =>
    mail(settings, {
      id,
      after: null,
      subject: headerText(headline),
      at,
      replyTo: null,
      headers: { 'x-support-relay': type },
      body: `${headline}\n\n${text}`,
      html: null,
    }),
  next: (_step, answer, now) => mailOutcome(answer, now),
}

export default email
