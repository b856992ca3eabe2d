/** The frame of every page: head, header, footer; and how a page becomes a string. */
import type { ComponentChildren, VNode } from 'preact'
import { render } from 'preact-render-to-string'
import { Avatar } from './avatar.tsx'
import { Icon, Logo } from './icon.tsx'

/** What the server knows about every page it sends. */
export type Shell = {
  /** Of this one answer; the CSP lets nothing run or style without it. */
  readonly nonce: string
  readonly assets: { readonly styles: string; readonly logo: string; readonly enhance: string; readonly inbox: string }
  readonly evaluation: { readonly dataFolder: string } | null
  readonly signedIn: { readonly name: string; readonly isStaff: boolean } | null
}

type Current = 'form' | 'tickets' | 'console' | 'landed' | 'none'

type DocumentProps = {
  readonly shell: Shell
  readonly title: string
  readonly current: Current
  readonly skipTo?: string
  /** Wide pages have a wider header. */
  readonly broad?: boolean
  readonly scripts?: readonly string[]
  /** Staff's pages are denser. */
  readonly dense?: boolean
  readonly children: ComponentChildren
}

export const Document = ({
  shell,
  title,
  current,
  skipTo = 'main',
  broad = false,
  scripts = [],
  dense = false,
  children,
}: DocumentProps) => (
  <html lang="en" dir="ltr">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{title} · Support Relay</title>
      <link rel="icon" href={shell.assets.logo} />
      <link rel="stylesheet" href={shell.assets.styles} nonce={shell.nonce} />
      {[shell.assets.enhance, ...scripts].map(src => (
        <script key={src} type="module" src={src} nonce={shell.nonce} />
      ))}
    </head>
    <body class={[broad && 'broad', dense && 'dense'].filter(Boolean).join(' ') || undefined}>
      <a class="skip" href={`#${skipTo}`}>
        Skip to the {skipTo === 'form' ? 'form' : 'content'}
      </a>
      <header class="site-header">
        <a class="brand" href="/" aria-label="Support Relay, start page">
          <Logo />
          <span>Support Relay</span>
        </a>
        <Places shell={shell} current={current} />
        {shell.signedIn && <Avatar name={shell.signedIn.name} />}
      </header>
      {shell.evaluation && <EvaluationStrip dataFolder={shell.evaluation.dataFolder} />}
      {children}
      <footer class="site-footer">
        <span>Delivered by Support Relay</span>
        {shell.evaluation && <a href="/docs">For developers</a>}
        {shell.signedIn && (
          <form action="/sign-out" method="post">
            Signed in as <bdi>{shell.signedIn.name}</bdi> ·{' '}
            <button class="link-button" type="submit">
              Sign out
            </button>
          </form>
        )}
      </footer>
      <p class="for-screen-readers" role="status" id="announce" />
    </body>
  </html>
)

/** Nothing for a stranger: there is one page that they can see. */
const Places = ({ shell, current }: { shell: Shell; current: Current }) => {
  const places = [
    { at: 'form', href: '/', words: 'Write to us', isOpen: true },
    { at: 'tickets', href: '/tickets', words: 'My tickets', isOpen: true },
    { at: 'console', href: '/console', words: 'Console', isOpen: shell.signedIn?.isStaff },
    { at: 'landed', href: '/evaluation', words: 'What landed', isOpen: shell.evaluation !== null },
  ] as const
  if (!shell.signedIn && !shell.evaluation) return null
  return (
    <nav aria-label="Support">
      {places
        .filter(({ isOpen }) => isOpen)
        .map(({ at, href, words }) => (
          <a key={at} href={href} aria-current={current === at ? 'page' : undefined}>
            {words}
          </a>
        ))}
    </nav>
  )
}

const EvaluationStrip = ({ dataFolder }: { dataFolder: string }) => (
  <section class="banner strip tone-note" aria-label="Evaluation">
    <Icon name="lock" />
    <div>
      <strong>Evaluation.</strong> Only this computer can reach it, and nothing leaves it. Everything is in{' '}
      <span class="code">{dataFolder}</span>.
    </div>
  </section>
)

export const toHtml = (page: VNode): string => `<!doctype html>${render(page)}`
