/** The list of everything that is kept with a message, so that nobody has to guess. */
import { Icon } from './icon.tsx'

/** The writer, as the ticket will hold them. */
export type Sender = {
  readonly username: string
  readonly role: 'USER' | 'ADMIN'
  readonly name: string | null
  readonly email: string | null
  readonly organization: string | null
  readonly projectCount: number
}

type WhatWeSendProps = {
  /** Null when we do not know who writes: the list then names the facts without their values. */
  readonly sender: Sender | null
  readonly page: { readonly address: string; readonly send: boolean } | null
  readonly browser: { readonly userAgent: string; readonly send: boolean } | null
}

export const WhatWeSend = ({ sender, page, browser }: WhatWeSendProps) => {
  const facts = [
    ...senderFacts(sender),
    { name: 'Request', value: 'A number for the request that sends this form' as string },
  ]
  const optional = [page, browser].filter(Boolean).length
  return (
    <details class="disclosure">
      <summary>
        <Icon name="chevron" />
        What we send with it
        <span class="faint">
          {facts.length + optional} facts, {optional} optional
        </span>
      </summary>
      <div>
        <p class="small soft below">
          So that you need not explain what the platform already knows. Beside your words and the time, nothing else is
          kept.
        </p>
        <dl class="facts">
          {facts.map(fact => (
            <>
              <dt>{fact.name}</dt>
              <dd>
                <bdi>{fact.value}</bdi>
              </dd>
            </>
          ))}
          {page && <Optional name="Page" field="send-page" checked={page.send} text={page.address} />}
          {browser && <Optional name="Browser" field="send-browser" checked={browser.send} text={browser.userAgent} />}
        </dl>
      </div>
    </details>
  )
}

type OptionalProps = {
  readonly name: string
  readonly field: string
  readonly checked: boolean
  readonly text: string
}

const Optional = ({ name, field, checked, text }: OptionalProps) => (
  <>
    <dt>{name}</dt>
    <dd>
      <label>
        <input type="checkbox" name={field} value="yes" checked={checked} />
        <bdi>{text}</bdi>
      </label>
    </dd>
  </>
)

const senderFacts = (sender: Sender | null): { name: string; value: string }[] => {
  if (!sender) return [{ name: 'You', value: 'Your name, username, role and e-mail address, as you are signed in' }]
  const facts = [
    { name: 'Name', value: sender.name },
    { name: 'Username', value: sender.username },
    { name: 'Role', value: sender.role === 'ADMIN' ? 'Staff' : 'User' },
    { name: 'E-mail', value: sender.email && maskMail(sender.email) },
    { name: 'Organisation', value: sender.organization },
    { name: 'Projects', value: sender.projectCount > 0 ? `The ids of your ${sender.projectCount} projects` : null },
  ]
  return facts.flatMap(({ name, value }) => (value ? [{ name, value }] : []))
}

/** Enough to recognise one's own address, too little to learn another's: `a•••@uni.dk`. */
export const maskMail = (address: string): string => {
  const at = address.lastIndexOf('@')
  if (at < 1) return '•••'
  const first = new Intl.Segmenter('en').segment(address)[Symbol.iterator]().next().value?.segment ?? ''
  return `${first}•••${address.slice(at)}`
}
