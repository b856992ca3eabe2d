/** Asking a running service for its pages, and sending the forms on them, as a browser does it: no redirect is followed unasked. */

export type PageAnswer = {
  readonly status: number
  readonly html: string
  readonly location: string | null
  readonly headers: Headers
}

export type Visitor = {
  get(path: string): Promise<PageAnswer>
  /** Sends a form of our own page. */
  post(path: string, fields: Readonly<Record<string, string>>, more?: Record<string, string>): Promise<PageAnswer>
}

/** @param headers who it is: a token or a cookie; neither for a stranger */
export const visitor = (address: string, headers: Record<string, string> = {}): Visitor => {
  const ask = async (path: string, init: RequestInit): Promise<PageAnswer> => {
    const answer = await fetch(address + path, { ...init, redirect: 'manual' })
    const { status } = answer
    return { status, html: await answer.text(), location: answer.headers.get('location'), headers: answer.headers }
  }
  return {
    get: path => ask(path, { headers }),
    post: (path, fields, more = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin', ...headers, ...more },
        body: new URLSearchParams(fields),
      }),
  }
}

/** What a person reads on it, without tags, and what the boxes hold. */
export const wordsOf = (html: string): string =>
  unescaped(html.replace(/<(style|script)[^>]*>.*?<\/\1>/gs, '').replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ')

/** The text in a box, as a browser would show it; undefined when there is no such box. */
export const boxIn = (html: string, name: string): string | undefined => {
  const inner = new RegExp(`<textarea[^>]*name="${name}"[^>]*>([^<]*)</textarea>`).exec(html)?.[1]
  return inner === undefined ? undefined : unescaped(inner.replace(/^\n/, ''))
}

export const keyIn = (html: string): string => /name="key" value="([^"]*)"/.exec(html)?.[1] ?? 'no key'

const unescaped = (html: string): string =>
  html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
