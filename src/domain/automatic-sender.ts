/** Which addresses a mail of ours may go to by itself: those that people read. Two machines that thank each other do so for ever. */
import type { Destination } from './destination.ts'
import { mailAddress } from './mail-address.ts'

/** The whole part before the @, whatever stands between its words (RFC 2142, RFC 3834 2, RFC 5230 4.6, and what is in use). */
const NAMES =
  /^(?:(?:please)?(?:do)?no?t?reply|noresponse|noanswer|mailer|mailerdaemon|maildaemon|postmaster|daemon|nobody|null|devnull|root|cron|abuse|hostmaster|webmaster|listserv|listproc|majordomo|mailman|sympa|autoresponder|automailer|autoreply|autoanswer|vacation|undisclosedrecipients|unsubscribe|(?:mail)?bounces?|errorsto|returnpath|notifications?|notify|alerts?|system|reply|replies|wwwdata)$/
/** However it goes on: `no-reply-eu`, `bounce-7f3a`, `list-announce`. Among these, a dot stands between the words of people's names. */
const BEGINNINGS =
  /^(?:no[-.]?reply|do[-.]?not[-.]?reply|no[-.]?respon[sd]|mailer[-.]?daemon|auto[-.]?(?:mated|matic|reply|respon[sd]|notif|generated|confirm)|bounces?-|owner-|list-|request-|notifications?-|repl(?:y|ies)-|return-|msprvs\d|unsubscribe-|undeliver)/
const ENDINGS =
  /-(?:request|owner|bounces?|errors?|subscribe|unsubscribe|confirm|join|leave|no-?reply|daemon|list|announce|return)$/
/** An address within the address: a return path made for one mail (VERP, SRS, BATV). */
const WRAPPED = /=|^(?:srs[01]|prvs|btv\d)\b/
/** Machines of their own, mailing lists, and domains that never are (RFC 2606). */
const DOMAINS =
  /(?:^|\.)(?:no-?reply|do-?not-?reply|bounces?|notifications?|amazonses)\.|(?:^|\.)atlassian\.net$|(?:^|\.)lists?\.[^.]+\.|(?:^|\.)(?:invalid|localhost)$/

/** The address to write to, in small letters: undefined when there is none that people read, or it is one of `own`. */
export const answerableAddress = (email: string | null, own: ReadonlySet<string>): string | undefined => {
  const address = mailAddress(email ?? '')?.toLowerCase()
  if (address === undefined) return undefined
  const [local = '', domain = ''] = address.split('@')
  return own.has(mailboxOf(address)) || isAutomatic(local, domain) ? undefined : address
}

/** Where mail to the address ends up: whoever writes under `name+1` and `name+2` is one person. */
export const mailboxOf = (address: string): string => address.replace(/^[^@]*/, withoutTag)

/** Every address that the destinations name: our senders, the team's mailboxes, bots. */
export const ownAddresses = (destinations: readonly Pick<Destination, 'settings'>[]): ReadonlySet<string> =>
  new Set(
    destinations
      .flatMap(({ settings }) => Object.values(settings).flat())
      .flatMap(value => mailAddress(value)?.toLowerCase() ?? [])
      .map(mailboxOf),
  )

const isAutomatic = (local: string, domain: string): boolean => {
  const words = local.replace(/[_+]+/g, '-')
  return (
    NAMES.test(withoutTag(local).replace(/[-_.]+/g, '')) ||
    BEGINNINGS.test(words) ||
    ENDINGS.test(withoutTag(local).replaceAll('_', '-')) ||
    WRAPPED.test(local) ||
    DOMAINS.test(domain)
  )
}

/** `support+abc` is the mailbox of `support`. */
const withoutTag = (local: string): string => local.replace(/\+.*$/, '')
