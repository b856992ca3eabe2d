/** What a mail to the team says: the whole ticket as text, the same in HTML, and less of it where a server wants less. */
import { cutText, type Measure } from '../domain/cut.ts'
import type { OutgoingEvent } from '../domain/destination.ts'
import { oneLine, storable } from '../domain/text.ts'
import { type Description, describe } from './describe.ts'
import { escapeHtml, plainLine, quotedBlock } from './dialects.ts'
import { fullText, shortText, type TextForm } from './text-message.ts'

/** Longer subjects fold into many encoded words, which some readers do not join again. The whole one stands in the text. */
const SUBJECT_MAX_UNITS = 150
const NAME_MAX_UNITS = 80
/** A mail above this was refused for its size, one below it for what it says. */
const LONG_BYTES = 16 * 1024
const BEGINNING_MAX_BYTES = 10_000
const UNANSWERABLE = 'An answer to this mail does not reach the user.'

const utf8Bytes: Measure = text => Buffer.byteLength(text)
const textForm = (max: number): TextForm => ({ max, measure: utf8Bytes, line: plainLine, block: quotedBlock })

/** Clean, short, and nothing that a reader would take for an encoded word and decode. */
export const headerText = (text: string, maxUnits = SUBJECT_MAX_UNITS): string =>
  cutText(oneLine(text).replaceAll('=?', '= ?'), maxUnits)

export const headerName = (name: string | null): string => headerText(name ?? '', NAME_MAX_UNITS)

export const mailSubject = ({ event, ticket }: OutgoingEvent): string =>
  headerText(`${event.kind === 'CREATED' ? '' : 'Re: '}[${ticket.reference}] ${ticket.subject}`)

/** Everything, uncut. The message comes last, below a line of ours: nothing in it can pose as what stands above. */
export const mailText = (outgoing: OutgoingEvent, isAnswerable: boolean): string => {
  const described = describe(outgoing)
  const head = [
    headline(described),
    ...described.fields.map(([label, value]) => `${label}: ${value}`),
    ...(outgoing.ticketUrl === null ? [] : [`Link: ${outgoing.ticketUrl}`]),
    ...(isAnswerable ? [] : [UNANSWERABLE]),
  ]
  const message = messageOf(outgoing)
  return [...head, ...(message === null ? [] : ['', 'Message:', '', asWritten(message)])].join('\n')
}

/** Of a long message the beginning; a short one was refused for its words, so only that there is one. */
export const shorterMailText = (outgoing: OutgoingEvent, whole: string): string => {
  const described = describe(outgoing)
  const bytes = utf8Bytes(whole)
  return bytes > LONG_BYTES
    ? fullText(described, outgoing.ticketUrl, textForm(BEGINNING_MAX_BYTES))
    : shortText(described, outgoing.ticketUrl, textForm(bytes))
}

/** No image, no link but ours, and user text as nothing but text. */
export const mailHtml = (outgoing: OutgoingEvent, isAnswerable: boolean): string => {
  const { ticketUrl } = outgoing
  const described = describe(outgoing)
  const rows = described.fields.map(
    ([label, value]) => `<tr><td>${label}</td><td dir="auto">${escapeHtml(value)}</td></tr>`,
  )
  return [
    '<!doctype html><html lang="en"><body>',
    `<p dir="auto"><strong>${escapeHtml(headline(described))}</strong></p>`,
    `<table cellpadding="2">${rows.join('')}</table>`,
    ticketUrl === null ? '' : `<p><a href="${escapeHtml(ticketUrl)}">Open the ticket</a></p>`,
    isAnswerable ? '' : `<p>${UNANSWERABLE}</p>`,
    described.message === null
      ? ''
      : `<hr><div dir="auto" style="white-space: pre-wrap">${escapeHtml(described.message)}</div>`,
    '</body></html>',
  ].join('\n')
}

const headline = ({ title, subject }: Description): string => (subject === '' ? title : `${title}: ${subject}`)

const messageOf = ({ event, ticket }: OutgoingEvent): string | null =>
  event.kind === 'CREATED' ? ticket.message : event.message

/** Mail is for the whole text: only how lines end is made one. */
const asWritten = (message: string): string => storable(message).replace(/\r\n?/g, '\n')
