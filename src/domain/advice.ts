/** From the reason why something did not arrive to what a person can do about it. One sentence or two of plain words: for the command line, the
 *  staff's page and the alerts. The answer itself, which stands beside it, says what the service thinks. */
import type { AttemptOutcome } from '../api/ticket.ts'
import { ANEW, adviceInWords, RIGHTS, TOKEN } from './advice-words.ts'
import type { Outcome } from './outcome.ts'

/** What to do; null where there is nothing. A reason that is not here is told by what it means for the deliveries. */
export const adviceFor = (kind: Outcome['kind'], reason: string | null): string | null => {
  if (kind === 'delivered') return null
  const known = reason === null ? undefined : OF_REASON.get(reason.replace(/^http-5(?!01)\d\d$/, 'http-5xx'))
  return known ?? (kind === 'unavailable' && reason !== null ? adviceInWords(reason) : undefined) ?? BY_OUTCOME[kind]
}

/** The same for a test message, by what the API answers. A test is sent once. */
export const adviceOnTest = (tested: Tested): string | null => {
  const advice = adviceOnAnswer(tested)
  return advice && ONCE.reduce((said, [again, once]) => said.replace(again, once), advice)
}
type Tested = {
  readonly outcome: AttemptOutcome
  readonly status: number | null
  readonly excerpt: string | null
}
const ONCE: readonly (readonly [again: RegExp, once: string])[] = [
  [/It is tried again by itself[;.] if/i, 'If'],
  [/asks to wait, and it is tried again then\./, 'asks to wait: test again later.'],
  [/this text, and a simpler one is tried\./, 'the text of the test.'],
]

/** Where nothing was heard, the excerpt is a sentence of ours that says why (transport/failure.ts). */
const UNHEARD: Readonly<Partial<Record<Outcome['kind'], readonly (readonly [words: RegExp, reason: string])[]>>> = {
  unavailable: [
    [/^Not sent:/, 'address-not-allowed'],
    [/^The certificate /, 'certificate'],
    [/\bproxy\b/i, 'proxy-refused'],
  ],
  retry: [
    [/could not be resolved/, 'dns'],
    [/The connection was refused/, 'connection-refused'],
    [/The connection was broken off/, 'connection-reset'],
    [
      /There is no way to the host|^The proxy does not reach|^The proxy of network\.proxy does not answer/,
      'unreachable',
    ],
    [/There was no answer in time|did not answer in time/, 'timeout'],
    [/No secure connection/, 'tls'],
    [/The answer is none that we understand/, 'protocol'],
  ],
}

const adviceOnAnswer = ({ outcome, status, excerpt }: Tested): string | null => {
  const kind = KINDS[outcome]
  // What the service says is more than its status: 410 may be a hook that is gone or a channel that is archived.
  const heard = status !== null && kind !== 'delivered' && kind !== 'unclear' ? (excerpt ?? '') : ''
  const said = kind === 'unavailable' || /^\s*</.test(heard) ? adviceInWords(heard) : undefined
  if (said !== undefined) return said
  if (status === null) {
    const reason = UNHEARD[kind]?.find(([words]) => words.test(excerpt ?? ''))?.[1]
    return adviceFor(kind, reason ?? null)
  }
  if (status >= 200 && status < 300) return adviceFor(kind, null)
  return adviceFor(kind, status >= 300 && status < 400 ? 'redirect' : `http-${status}`)
}
const KINDS: Readonly<Record<AttemptOutcome, Outcome['kind']>> = {
  DELIVERED: 'delivered',
  RETRY: 'retry',
  REFUSED: 'refused',
  UNAVAILABLE: 'unavailable',
  UNCLEAR: 'unclear',
}

const OF_REASON: ReadonlyMap<string, string> = new Map([
  [
    'http-400',
    'The service does not understand the request. Check that the address belongs to this kind of destination and is complete.',
  ],
  ['http-401', TOKEN],
  ['http-403', RIGHTS],
  [
    'http-404',
    `There is nothing at the address: the hook, channel or project was deleted or renamed, or the address is not complete. Copy it anew from the service, ${ANEW}.`,
  ],
  [
    'http-405',
    `The address takes no messages; it may be the one of a page. Copy the address of the hook from the service, ${ANEW}.`,
  ],
  ['http-407', 'A proxy in between wants a password. Name it in network.proxy, or list the host in NO_PROXY.'],
  ['http-410', `The hook was deleted at the service. Make a new one there, ${ANEW}.`],
  ['http-413', 'Something takes no request of this size, most often a proxy before the service. Raise its limit.'],
  [
    'http-429',
    'The service asks to wait, and it is tried again then. If this happens often, set a lower `rate` for the destination.',
  ],
  ['http-501', 'The service has such hooks switched off. Let its administrator switch incoming webhooks on.'],
  [
    'http-5xx',
    'The service has trouble of its own, or a proxy before it has. It is tried again by itself; if this lasts, look at the status of the service. An integration that is switched off at Rocket.Chat answers 503, too.',
  ],
  [
    'redirect',
    `The address has moved, and redirects are not followed: text would get lost. Write the new address, perhaps https:// for http://, ${ANEW}. A login page in between answers so, too.`,
  ],
  [
    'certificate',
    'The certificate of the host is not trusted, expired, or for another host; the answer says which. For an authority of your own name its certificate in caFile of the destination, or in network.caFile.',
  ],
  ['tls', 'The host speaks no TLS at this port, or none that is safe. Check the port, and whether https:// is right.'],
  ['dns', 'The name of the host could not be resolved. Check its spelling, and the name server of this machine.'],
  ['connection-refused', 'Nothing listens at the address. Check host and port, and whether the service runs.'],
  [
    'connection-reset',
    'The connection was broken off, by the service or a firewall in between. It is tried again by itself; if this lasts, ask who runs the network.',
  ],
  [
    'unreachable',
    'There is no way to the host. Check the network of this machine; where one has to go out through a proxy, set network.proxy.',
  ],
  [
    'timeout',
    'There was no answer in time. Check that a firewall lets us out to this host; where one has to go out through a proxy, set network.proxy.',
  ],
  [
    'protocol',
    'What answers there does not speak as it should: HTTP, or SMTP where it is to be a mail server. Check host and port.',
  ],
  [
    'address-not-allowed',
    'The address is not public, or is plain http. If it is a server of your own, add its host name or its network to network.allow.',
  ],
  [
    'proxy-refused',
    'The proxy does not let us out. Check the name and password in network.proxy, and let whoever runs the proxy allow the host and its port, or list the host in NO_PROXY where it is reached without; a proxy that allows hosts by name is asked by name once the host stands in network.allow.',
  ],
  [
    'search-unreadable',
    'Whether the ticket is there already could not be read: what answered the search has no list, as a proxy or a login page in between has none. It is asked again by itself.',
  ],
  ['paused-by-staff', 'Staff paused it, and staff can resume it.'],
])

const BY_OUTCOME: Readonly<Record<Exclude<Outcome['kind'], 'delivered'>, string>> = {
  retry: 'It is tried again by itself. If this lasts, look at the service.',
  refused:
    'The service does not take this text, and a simpler one is tried. Check that the destination has the right kind and settings.',
  unavailable:
    'The service takes nothing from us for this destination. Check there that the channel or project is still there and open, and that the token, bot or user may write to it.',
  unclear:
    'Something answered that all is well, but not in the way of the service, so nobody knows whether the message is there. Look there; a login page or a proxy in between, or the address of another kind of service, answers so.',
}
