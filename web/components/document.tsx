/** The frame of every page: head, header, footer; and how a page becomes a string. */
import type { ComponentChildren, VNode } from 'preact'
import { render } from 'preact-render-to-string'
import { Icon, Logo } from './icon.tsx'

/** What the server knows about every page it sends. */
export type Shell = {
  /** Of this one answer; the CSP lets nothing run or style without it. */
  readonly nonce: string
  readonly assets: { readonly styles: string; readonly logo: string; readonly enhance: string; readonly inbox: string }
  readonly evaluation: { readonly dataFolder: string } | null
  readonly signedIn: { readonly name: string } | null
}

type DocumentProps = {
  readonly shell: Shell
  readonly title: string
  readonly current: 'form' | 'landed' | 'none'
  readonly skipTo?: string
  /** Wide pages have a wider header. */
  readonly broad?: boolean
  readonly scripts?: readonly string[]
  readonly children: ComponentChildren
}

export const Document = ({
  shell,
  title,
  current,
  skipTo = 'main',
  broad = false,
  scripts = [],
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
    <body class={broad ? 'broad' : undefined}>
      <a class="skip" href={`#${skipTo}`}>
        Skip to the {skipTo === 'form' ? 'form' : 'content'}
      </a>
      <header class="site-header">
        <a class="brand" href="/" aria-label="Support Relay, start page">
          <Logo />
          <span>Support Relay</span>
        </a>
        {shell.evaluation && (
          <nav aria-label="Support">
            <a href="/" aria-current={current === 'form' ? 'page' : undefined}>
              Write to us
            </a>
            <a href="/evaluation" aria-current={current === 'landed' ? 'page' : undefined}>
              What landed
            </a>
          </nav>
        )}
        {shell.signedIn && (
          <span class={shell.evaluation ? 'avatar' : 'avatar end'} aria-hidden="true">
            {initials(shell.signedIn.name)}
          </span>
        )}
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

const EvaluationStrip = ({ dataFolder }: { dataFolder: string }) => (
  <section class="banner strip tone-note" aria-label="Evaluation">
    <Icon name="lock" />
    <div>
      <strong>Evaluation.</strong> Only this computer can reach it, and nothing leaves it. Everything is in{' '}
      <span class="code">{dataFolder}</span>.
    </div>
  </section>
)

/** Up to two letters: the first of the first and of the last word. */
const initials = (name: string): string => {
  const words = name.split(/\s+/u).filter(Boolean)
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words
  return ends
    .map(word => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase()
}

export const toHtml = (page: VNode): string => `<!doctype html>${render(page)}`
