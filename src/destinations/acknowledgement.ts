/** A mail that tells whoever wrote a ticket that it arrived. It goes to the address of their token and says the reference, and nothing that
 *  anybody typed: an account under somebody else's address must be no way to write to them. Whether there is one at all is decided when the
 *  ticket is stored (decision 0010). */
import { answerableAddress } from '../domain/automatic-sender.ts'
import type { DestinationKind, MailStep, OutgoingEvent, Settings } from '../domain/destination.ts'
import { addressProblem, mailAddress, ONE_ADDRESS } from '../domain/mail-address.ts'
import { mailOutcome, TO_WRITER } from './email-answers.ts'
import { headerText } from './email-message.ts'
import { addressSetting, loginSettings, mail, serverSettings } from './mail-step.ts'

/** The mailbox that belongs to the destination: for answers, where there is one. */
const ownMailbox = (settings: Settings): string =>
  addressSetting(settings, settings.replyTo === undefined ? 'from' : 'replyTo')

/** Looked at again, since the delivery may be of another time: of a destination that had another kind, say. Else nobody but us gets the mail. */
const writer = ({ ticket: { user } }: OutgoingEvent): string | undefined =>
  answerableAddress(user.email, new Set()) && mailAddress(user.email ?? '')

const answersTo = (settings: Settings): MailStep['replyTo'] =>
  settings.replyTo === undefined ? null : { name: '', address: addressSetting(settings, 'replyTo') }

const text = ({ ticket: { reference }, ticketUrl }: OutgoingEvent, isAnswered: boolean): string =>
  [
    'We have your message to support, and a person will read it.',
    '',
    `Reference: ${reference}`,
    ...(ticketUrl === null ? [] : ['', 'What becomes of it, and where you can add to it:', ticketUrl]),
    '',
    isAnswered
      ? 'Answers to this mail reach the team. Please leave the reference in the subject.'
      : 'Nobody reads answers to this mail.',
    'It went out by itself, because somebody who signed in with this address wrote to support. If that was not you, you need not do anything.',
  ].join('\n')

const acknowledgement: DestinationKind = {
  kind: 'acknowledgement',
  title: 'Mail to the user',
  settings: {
    ...serverSettings,
    replyTo: {
      title:
        'Mailbox of the team that answers and test messages go to: one address. Without it the mail says that nobody reads answers',
      type: 'text',
      optional: true,
      problem: addressProblem,
      onlyOne: ONE_ADDRESS,
    },
    ...loginSettings,
  },
  rate: null,
  concurrency: 2,
  levels: ['rich'],
  isToWriter: true,
  start: (event, settings) =>
    mail(settings, {
      id: event.deliveryId,
      to: writer(event) ?? ownMailbox(settings),
      after: null,
      subject: `[${event.ticket.reference}] We have your message`,
      at: event.event.at,
      replyTo: answersTo(settings),
      headers: {
        'auto-submitted': 'auto-replied',
        precedence: 'bulk',
        'x-support-relay': event.ticket.reference,
      },
      // A server with logins lets us send as the owner of one; to others an answer by machine has no return path.
      hasNoReturnPath: settings.username === undefined,
      body: text(event, settings.replyTo !== undefined),
      html: null,
    }),
  notice: ({ id, type, at, headline, text: words }, settings) =>
    mail(settings, {
      id,
      to: ownMailbox(settings),
      after: null,
      subject: headerText(headline),
      at,
      replyTo: null,
      headers: { 'x-support-relay': type },
      body: `${headline}\n\n${words}`,
      html: null,
    }),
  next: (_step, answer, now) => mailOutcome(answer, now, TO_WRITER),
}

export default acknowledgement
