/** For a reader without a session: how to get one. */
import { Command, loginLinkCommand } from '../components/copy.tsx'
import { Document, type Shell, toHtml } from '../components/document.tsx'

export type SignInView = {
  readonly shell: Shell
  /** Null: the page was opened without a link. Else what is wrong with the link. */
  readonly link: 'used' | 'expired' | 'invalid' | null
}

const linkWords = {
  used: { title: 'This sign-in link was used already', text: 'Each link works once.' },
  expired: { title: 'This sign-in link has run out', text: 'Links work for a limited time.' },
  invalid: { title: 'This sign-in link is not complete', text: 'Perhaps a part of it was lost while copying.' },
} as const

export const signInPage = (view: SignInView): string => {
  const title = view.link ? linkWords[view.link].title : 'Sign in to write to us and to see your tickets'
  return toHtml(
    <Document shell={view.shell} title={title} current={view.link ? 'none' : 'form'}>
      <main class="site-main" id="main">
        <div class="stack wide">
          <div class="stack">
            <h1>{title}</h1>
            {view.link && <p class="soft">{linkWords[view.link].text}</p>}
          </div>
          {view.shell.signedIn && (
            <div class="stack">
              <p>You are already signed in, so you do not need it.</p>
              <a class="button primary" href="/">
                Go to the form
              </a>
            </div>
          )}
          {view.shell.evaluation ? (
            <WithLink isNew={view.link !== null} dataFolder={view.shell.evaluation.dataFolder} />
          ) : (
            <FromPlatform />
          )}
        </div>
      </main>
    </Document>,
  )
}

const WithLink = ({ isNew, dataFolder }: { isNew: boolean; dataFolder: string }) => (
  <div class="stack">
    {!isNew && (
      <p>
        Open one of the one-time links that were printed in the terminal where Support Relay was started: one for a demo
        user, one for demo staff.
      </p>
    )}
    <p>For a new link, run this where you started Support Relay:</p>
    <Command text={loginLinkCommand(dataFolder)} />
    <p>For one as demo staff, who see the console:</p>
    <Command text={loginLinkCommand(dataFolder, 'staff')} />
  </div>
)

const FromPlatform = () => (
  <p>This page knows you by your platform. Sign in there, and open its support form from there.</p>
)
