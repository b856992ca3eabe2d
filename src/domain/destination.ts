/** What a destination is: data and pure functions. It never sends; transport/ does, and engine/attempt.ts drives it. */
import type { Ticket, TicketEvent } from '../api/ticket.ts'
import type { Answer, Outcome } from './outcome.ts'
import type { Condition } from './routing.ts'

/** How much of its means a message uses. A refused text steps down one level. */
export const levels = ['rich', 'plain', 'minimal'] as const
export type Level = (typeof levels)[number]

/** One event on its way to one destination: everything a message can be made of. `ticket` is as it was at the event. */
export type OutgoingEvent = {
  /** The same on every attempt: the receiver's key for dropping repetitions. Holds no full stop. */
  readonly deliveryId: string
  readonly event: TicketEvent
  readonly ticket: Ticket
  /** Where staff (a kind that is `isToWriter`: the writer) can open the ticket, when the service knows its own public address. */
  readonly ticketUrl: string | null
  /** The thread, message or issue that the created event became at this destination, once known. */
  readonly ref: string | null
}

/** Words of our own to the team: no ticket's, no user's, no secret. */
export type Notice = {
  readonly id: string
  readonly type: 'support.alert' | 'support.test'
  readonly at: number
  /** What happened, as a line of its own. */
  readonly headline: string
  /** What follows from it and what to do: sentences. */
  readonly text: string
}

/** One request that transport/ is to send. `body` is sent as its UTF-8 bytes, exactly. */
export type RequestStep = {
  readonly method: 'POST' | 'PUT' | 'GET'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** What `next` wants to remember of the steps so far. */
  readonly state?: unknown
}

/** One mail that transport/ is to send, to one address. What it has in common with a request has the same name there. */
export type MailStep = {
  readonly method: 'MAIL'
  /** `smtp://host:port`, or `smtps://host:port` where TLS comes first. */
  readonly url: string
  /** Never without TLS and a certificate that is trusted. */
  readonly needsTls: boolean
  readonly login: { readonly username: string; readonly password: string } | null
  /** An address alone, as `to`: nobody's name. */
  readonly from: string
  readonly to: string
  /** Nobody is told when it does not arrive: the return path is empty (RFC 3834). */
  readonly hasNoReturnPath?: boolean
  readonly replyTo: { readonly name: string; readonly address: string } | null
  /** One line. */
  readonly subject: string
  /** Without angle brackets, as the references; the same on every attempt. */
  readonly messageId: string
  /** The mail that this one follows in its thread. */
  readonly inReplyTo: string | null
  /** When it was written, ms. */
  readonly at: number
  /** Beside those above. */
  readonly headers: Readonly<Record<string, string>>
  /** The text, complete on its own, and the same in HTML. */
  readonly body: string
  readonly html: string | null
  /** As of a request. */
  readonly state?: unknown
}

export type Step = RequestStep | MailStep

export type StartOptions = {
  readonly level: Level
  /** The moment of this attempt, ms. */
  readonly at: number
  /** An earlier attempt may have arrived though nobody said so: what can be searched is searched before it is made again. */
  readonly mayBeThere?: boolean
}

/** A setting of a kind: from these follow validation, masking, the docs table and `check`. */
export type Setting = {
  readonly title: string
  /** `url`: http(s) address of a base or hook. `secret`: never shown. `secrets`: one or a list. `text`: one line. `tree`: anything, as JSON text.
   *  `headers`: names and values that are never shown, as JSON text. */
  readonly type: 'url' | 'secret' | 'secrets' | 'text' | 'tree' | 'headers'
  readonly optional?: boolean
  /** The name of another optional one that this one is nothing without. */
  readonly needs?: string
  /** A secret address: its path or query is the password (most hooks), so it is masked whole. */
  readonly isSecret?: boolean
  /** A sentence for the person who configures when the value cannot be right, else undefined. */
  readonly problem?: (value: string) => string | undefined
  /** A sentence for whoever writes a list of values, where there can be one only. */
  readonly onlyOne?: string
}

export type Settings = Readonly<Record<string, string | readonly string[]>>

/** At most `count` requests in any `perMs` milliseconds. */
export type Rate = { readonly count: number; readonly perMs: number }

/** Carries the delivery's id to the evaluation mode's stand-in for Slack, so that its page can tell a repetition from a new message. */
export const DELIVERY_HEADER = 'x-support-relay-delivery'

/** `Sent`: what it sends, where it is known to be requests only. */
export type DestinationKind<Sent extends Step = Step> = {
  readonly kind: string
  readonly title: string
  /** Address of the vendor's own documentation. */
  readonly documentation?: string
  readonly settings: Readonly<Record<string, Setting>>
  /** Default pace; a destination's own `rate` wins. Null: as fast as it goes. */
  readonly rate: Rate | null
  /** Default number of requests under way at once. */
  readonly concurrency: number
  /** The levels this kind has, first is tried first. A kind without `refused` outcomes has one. */
  readonly levels: readonly Level[]
  /** The vendor's hosts; when set, other hosts count as an operator's own, and `network.allow` has to list them. */
  readonly vendorHosts?: RegExp
  /** True where only the team reads what arrives: a chat or a mailbox of theirs. What is announced goes there unasked; never to a tracker. */
  readonly isPrivate?: boolean
  /** True where others than the team may read: nothing is announced there, and what is about a person stays out unless the operator says otherwise. */
  readonly isPublic?: boolean
  /** True where what is sent goes to whoever wrote the ticket: once, and only where they have an address that people read. */
  readonly isToWriter?: boolean
  /** True for the evaluation mode's stand-in, which no configuration file may name. */
  readonly evaluationOnly?: boolean
  start(event: OutgoingEvent, settings: Settings, options: StartOptions): Sent
  /** A notice instead of an event. Its answer is read by `next`. */
  notice(notice: Notice, settings: Settings, options: { readonly at: number }): Sent
  /** What the answer to `step` means: another request, or an outcome. */
  next(step: Sent, answer: Answer, now: number): Sent | Outcome
}

/** What a destination may be kept from knowing (redaction.ts). */
export const redactedFields = [
  'username',
  'name',
  'email',
  'organization',
  'project',
  'requestId',
  'userAgent',
  'context',
] as const
export type RedactedField = (typeof redactedFields)[number]

/** One destination of the configuration, ready to be served. */
export type Destination = {
  readonly name: string
  readonly kind: DestinationKind
  readonly settings: Settings
  readonly rate: Rate | null
  readonly concurrency: number
  /** Deadline for all steps of one attempt together, the body included. At most 15,000. */
  readonly timeoutMs: number
  /** Certificates (PEM) that are trusted here beside those trusted everywhere. */
  readonly ca?: string
  /** Which tickets it takes. Absent: all. */
  readonly when?: Condition
  /** What is left out of everything that goes there. Absent: nothing. */
  readonly redact?: readonly RedactedField[]
}

export const isOutcome = (value: Step | Outcome): value is Outcome => 'kind' in value
