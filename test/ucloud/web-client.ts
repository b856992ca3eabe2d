/** What UCloud's web client does with our answers (contract 2.6), and its two callers: the support box and the crash reporter. */
import { type Answer, ask } from '../support/ask.ts'
import { TICKET_PATH } from './stage.ts'

export type Shown = {
  readonly isSuccess: boolean
  readonly status: number
  /** The red message; null on success. */
  readonly message: string | null
  readonly answer: Answer
}

export type WebClient = {
  supportBox(fields: { readonly subject: string; readonly message: string }): Promise<Shown>
  crashReport(crash: Crash): Promise<Shown>
  /** The status upon which the client throws away the key it signs intents with came. */
  readonly lostItsKey: boolean
  /** How often the client has asked for a new token. */
  readonly refreshes: number
}

export type Crash = { readonly name: string; readonly stack: string; readonly componentStack: string }

type Options = {
  readonly address: string
  readonly token: string
  /** What `/auth/refresh/web` of UCloud's core would answer. */
  readonly refreshed?: string
  readonly project?: string
  readonly signedIntent?: string
}

const GENERIC = 'An error occurred. Please reload the page.'
/** Without these the client takes no token. */
const CLAIMS = ['sub', 'aud', 'role', 'iss', 'exp', 'extendedByChain', 'iat', 'principalType']

export const webClient = ({ address, token, refreshed, project, signedIntent }: Options): WebClient => {
  let bearer = accepted(token)
  let mustRefresh = false
  let refreshes = 0
  let lostItsKey = false

  const invoke = async (body: unknown): Promise<Shown> => {
    if (mustRefresh && refreshed !== undefined) {
      bearer = accepted(refreshed)
      mustRefresh = false
      refreshes += 1
    }
    const answer = await ask(address + TICKET_PATH, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json; charset=utf-8',
        accept: '*/*',
        'accept-encoding': 'gzip, deflate, br, zstd',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        ...(project !== undefined && { project }),
        ...(signedIntent !== undefined && { 'ucloud-signed-intent': signedIntent }),
      },
      body: JSON.stringify(body),
    })
    // Nothing is repeated by itself: the next call begins with a new token.
    if (answer.status === 401) mustRefresh = true
    if (answer.status === 482) lostItsKey = true
    return { ...outcomeOf(answer), status: answer.status, answer }
  }

  return {
    supportBox: ({ subject, message }) => {
      if (message.trim() === '') throw new Error('the box does not send blank messages')
      return invoke({ subject, message })
    },
    crashReport: ({ name, stack, componentStack }) =>
      invoke({
        message: `ERROR: ${name}\n${stack}\n\n${componentStack}\n\nhttps://cloud.sdu.dk/app/jobs\n\nAdditional info: none`,
      }),
    get lostItsKey() {
      return lostItsKey
    },
    get refreshes() {
      return refreshes
    },
  }
}

/** 2xx is success unless its body cannot be read; a body counts as JSON by its content type only, an empty one as `{}`. */
export const outcomeOf = ({
  status,
  headers,
  text,
}: Pick<Answer, 'status' | 'headers' | 'text'>): { readonly isSuccess: boolean; readonly message: string | null } => {
  let response: { why?: string } | undefined = {}
  if (headers['content-type']?.includes('application/json') && text !== '') {
    try {
      response = JSON.parse(text)
    } catch {
      response = undefined
    }
  }
  if (response !== undefined && status >= 200 && status < 300) return { isSuccess: true, message: null }
  const why = response?.why === 'Bad Request' ? GENERIC : response?.why
  return { isSuccess: false, message: why ?? (status === 403 ? 'Permission denied' : GENERIC) }
}

const accepted = (token: string): string => {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  const missing = CLAIMS.filter(claim => claims[claim] === undefined)
  if (missing.length > 0) throw new Error(`the client takes no token without ${missing}`)
  return token
}
