/** Things to take away. The Copy button shows itself only where a script can copy (client/enhance.ts). */
import { Icon } from './icon.tsx'

/** A reference: something you tear off and keep. */
export const Stub = ({ text, labelledBy }: { text: string; labelledBy: string }) => (
  <div class="stub">
    <output class="code" aria-labelledby={labelledBy}>
      {text}
    </output>
    <button class="button" type="button" data-copy={text} hidden>
      <Icon name="copy" />
      <span>Copy</span>
    </button>
  </div>
)

/** The command that makes a new sign-in link, with the folder in quotes where a shell needs them. */
export const loginLinkCommand = (dataFolder: string, role: 'user' | 'staff' = 'user'): string =>
  `npx support-relay login-link${role === 'staff' ? ' --staff' : ''} --data ${/^[\w./-]+$/.test(dataFolder) ? dataFolder : `'${dataFolder.replaceAll("'", "'\\''")}'`}`

/** A command for the terminal. Scrolls sideways inside itself, so it can be focused. */
export const Command = ({ text }: { text: string }) => (
  <div class="command">
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
    {/* biome-ignore lint/a11y/useSemanticElements: no set of fields, but something with a name */}
    <span class="code" tabIndex={0} role="group" aria-label="Command">
      {text}
    </span>
    <button class="button quiet small icon-only" type="button" data-copy={text} aria-label="Copy the command" hidden>
      <Icon name="copy" />
    </button>
  </div>
)
