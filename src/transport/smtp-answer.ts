/** What a mail server said, as an answer; and what was in the way when it said nothing. */
import type { Answer } from '../domain/outcome.ts'

/** What the server answered to, as the header `command`; `MESSAGE` is the mail itself, after DATA. */
export type Command = 'GREETING' | 'HELLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'MESSAGE'

/** @param response the server's lines, the code first */
export const heard = (command: Command, response: string): Answer => ({
  kind: 'answer',
  status: Number(response.slice(0, 3)),
  headers: { command },
  body: command === 'MESSAGE' && response.startsWith('2') ? response : `${WORDS[command]}: ${response}`,
})

const WORDS: Readonly<Record<Command, string>> = {
  GREETING: 'The server does not serve us',
  HELLO: 'The server does not serve us',
  STARTTLS: 'TLS is required, and the server does not offer it or refuses it',
  AUTH: 'The login was refused',
  MAIL: 'The sender or the size was refused',
  RCPT: 'The recipient was refused',
  DATA: 'The mail was refused before it was sent',
  MESSAGE: 'The mail was refused',
}

/** The answer that the library made an error of. @throws an error with the system's code when the server had said nothing */
export const answerIn = (error: unknown): Answer => {
  const known = error as LibraryError // whatever it is: each of these may be missing
  if (known.responseCode !== undefined && known.response !== undefined) return heard(commandOf(known), known.response)
  // Nothing was sent: the server had named the most that it takes, which is less.
  if (known.code === 'EMESSAGE' && known.command === 'MAIL FROM')
    return heard('MAIL', '552 The mail is larger than the server takes')
  throw Object.assign(new Error('no answer'), { code: known.originalCode ?? known.code ?? 'unknown' })
}

type LibraryError = {
  readonly code?: string
  readonly originalCode?: string
  readonly response?: string
  readonly responseCode?: number
  readonly command?: string
}

const commandOf = ({ code, command = '' }: LibraryError): Command => {
  if (code === 'EMESSAGE') return 'MESSAGE'
  const [word = ''] = command.split(' ')
  return COMMANDS[word] ?? 'GREETING'
}

/** By the library's names. What breaks off an established connection (421) says CONN, too: it is temporary, wherever it comes. */
const COMMANDS: Readonly<Record<string, Command>> = {
  CONN: 'GREETING',
  EHLO: 'HELLO',
  HELO: 'HELLO',
  STARTTLS: 'STARTTLS',
  AUTH: 'AUTH',
  MAIL: 'MAIL',
  RCPT: 'RCPT',
  DATA: 'DATA',
}

/** The most frequent mistake is the wrong one of two ports: what shows it is told. */
export const withHint = (
  answer: Answer,
  { isReached, isGreeted, isTlsFirst }: { isReached: boolean; isGreeted: boolean; isTlsFirst: boolean },
): Answer => {
  if (answer.kind === 'answer' || !isReached || isGreeted) return answer
  if (isTlsFirst && answer.failure === 'tls')
    return {
      ...answer,
      detail: `${answer.detail} If this port begins without TLS (25, 587), write smtp:// for smtps://.`,
    }
  if (!isTlsFirst && (answer.failure === 'timeout' || answer.failure === 'protocol'))
    return { ...answer, detail: `${answer.detail} If this port begins with TLS (465), write smtps:// for smtp://.` }
  return answer
}
