/** A real mail server on loopback: it records what comes, as bytes and as an independent parser reads it, and answers as the test says. */
import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export type ReceivedMail = {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: Buffer
  readonly mail: ParsedMail
  readonly isSecure: boolean
  /** Who logged in. */
  readonly user: string | null
}

/** A moment at which it may refuse. */
export type Stage = 'greeting' | 'login' | 'sender' | 'recipient' | 'message'

export type MailServer = {
  readonly port: number
  readonly received: readonly ReceivedMail[]
  /** The passwords it was told. */
  readonly passwords: readonly string[]
  /** The stages it came to, in order. */
  readonly stages: readonly Stage[]
  /** What it answers at a stage from now on; null: yes. A promise: not before it resolves. */
  refuse: (stage: Stage, recipient?: string) => Promise<string | null> | string | null
  /** Resolves when `count` mails have come in all. */
  seen(count: number): Promise<void>
  close(): Promise<void>
}

/** Without TLS and without logins unless `options` say so. */
export const startMailServer = async (options: SMTPServerOptions = {}): Promise<MailServer> => {
  const received: ReceivedMail[] = []
  const passwords: string[] = []
  const stages: Stage[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  const at = (stage: Stage, back: (error?: Error | null) => void, recipient?: string) => {
    stages.push(stage)
    void Promise.resolve(mailServer.refuse(stage, recipient)).then(answer =>
      back(answer === null ? null : refusal(answer)),
    )
  }

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    ...options,
    onConnect: (_session, back) => at('greeting', back),
    onAuth({ username, password }, _session, back) {
      passwords.push(password ?? '')
      at('login', error => (error ? back(error) : back(null, { user: username ?? '' })))
    },
    onMailFrom: (_address, _session, back) => at('sender', back),
    onRcptTo: ({ address }, _session, back) => at('recipient', back, address),
    async onData(stream, { envelope, secure, user }, back) {
      const raw = Buffer.concat(await stream.toArray())
      const mail = await simpleParser(raw, { skipHtmlToText: true })
      at('message', error => {
        if (error) return back(error)
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        const to = envelope.rcptTo.map(({ address }) => address)
        received.push({ from, to, raw, mail, isSecure: secure, user: typeof user === 'string' ? user : null })
        for (const { count, resolve } of waiting) if (received.length >= count) resolve()
        back(null)
      })
    },
  })
  server.on('error', () => {}) // connections that break off are what some tests are about
  const listener: Server = server.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo // it listens on TCP
  const mailServer: MailServer = {
    port,
    received,
    passwords,
    stages,
    refuse: () => null,
    seen: count =>
      received.length >= count ? Promise.resolve() : new Promise(resolve => waiting.push({ count, resolve })),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const connection of server.connections) connection.close()
      }),
  }
  return mailServer
}

const refusal = (answer: string): Error =>
  Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) })
