/** Mail to one mailbox of the team, by SMTP. From us, never from the user, whose domain does not vouch for us; answers go to the user. */
import { deliveryId, parseDeliveryId } from '../domain/delivery.ts'
import type { DestinationKind, MailStep, OutgoingEvent } from '../domain/destination.ts'
import { addressProblem, mailAddress, ONE_ADDRESS } from '../domain/mail-address.ts'
import { mailOutcome } from './email-answers.ts'
import { headerName, headerText, mailHtml, mailSubject, mailText, shorterMailText } from './email-message.ts'
import { addressSetting, loginSettings, mail, serverSettings } from './mail-step.ts'

/** A long message is text enough: twice in one mail it would only reach the server's limit sooner. */
const HTML_MAX_UNITS = 64 * 1024

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
    ...serverSettings,
    to: { title: 'Mailbox of the team: one address', type: 'text', problem: addressProblem, onlyOne: ONE_ADDRESS },
    ...loginSettings,
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
      to: addressSetting(settings, 'to'),
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
      to: addressSetting(settings, 'to'),
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
