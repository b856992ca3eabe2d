/** A mail as the bytes that travel: headers folded and encoded, lines short, nothing fetched from anywhere. */
import MailComposer from 'nodemailer/lib/mail-composer'
import type { MailStep } from '../domain/destination.ts'

/** Addresses go in as objects: of a text the library would have to find out where a name ends. */
export const mimeOf = (step: MailStep): Promise<Buffer> =>
  new MailComposer({
    from: { name: '', address: step.from },
    to: { name: '', address: step.to },
    ...(step.replyTo && { replyTo: { ...step.replyTo } }),
    subject: step.subject,
    messageId: bracketed(step.messageId),
    ...(step.inReplyTo !== null && { inReplyTo: bracketed(step.inReplyTo), references: bracketed(step.inReplyTo) }),
    date: new Date(step.at),
    headers: { ...step.headers },
    text: step.body,
    ...(step.html !== null && { html: step.html }),
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build()

const bracketed = (id: string): string => `<${id}>`
