/** What a mail server's answers mean (RFC 5321 4.2, RFC 3463, RFC 7372), as data. One mail has one recipient, so nothing is half delivered. */
import { classify } from '../domain/classify.ts'
import type { Answer, Outcome } from '../domain/outcome.ts'

type MailRule = {
  /** What was answered to; without: anything. */
  readonly to?: string
  readonly codes?: readonly number[]
  /** The extended code begins so. */
  readonly extended?: RegExp
  readonly as: 'refused' | 'unavailable'
}

/** The first that fits, for answers that begin with 5. For a mailbox of the team: what is wrong with it is wrong for every mail. */
const TO_TEAM: readonly MailRule[] = [
  // Larger than the server or the mailbox takes, said beforehand or afterwards: a shorter one may pass.
  { to: 'MAIL', codes: [552], as: 'refused' },
  { to: 'MESSAGE', extended: /5\.(?:2\.3|3\.4)$/, as: 'refused' },
  // The mailbox is gone, full or closed; or the sender's domain does not vouch for us (SPF, DKIM, DMARC).
  { to: 'MESSAGE', extended: /5\.(?:1\.\d+|2\.\d+|7\.2\d)$/, as: 'unavailable' },
  { to: 'MESSAGE', as: 'refused' },
  // No service for us, no such mailbox, wrong password, TLS that is not to be had: every mail would fail like this one.
  { as: 'unavailable' },
]

/** For mails of which each has an address of its own: one that is wrong, closed or full says nothing of the others. */
export const TO_WRITER: readonly MailRule[] = [
  // No relaying for us, or not without a login.
  { to: 'RCPT', extended: /^5\.7\./, as: 'unavailable' },
  { to: 'RCPT', codes: [530, 535], as: 'unavailable' },
  { to: 'RCPT', as: 'refused' },
  { to: 'MESSAGE', extended: /^5\.[12]\./, as: 'refused' },
  ...TO_TEAM,
]

export const mailOutcome = (answer: Answer, now: number, rules: readonly MailRule[] = TO_TEAM): Outcome => {
  if (answer.kind === 'no-answer') return classify(answer, { now })
  const { status, headers, body } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const reason = `email-${status}`
  if (status < 500 || status > 599) return { kind: 'retry', reason }
  const extended = /\b5\d\d[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(body)?.[1] ?? ''
  const rule = rules.find(
    ({ to = headers.command, codes, extended: pattern }) =>
      to === headers.command && (codes?.includes(status) ?? true) && (pattern?.test(extended) ?? true),
  )
  return { kind: rule?.as ?? 'unavailable', reason }
}
