/** A box to write in. Nothing is cut, and a text that was not taken stands in it again. */
import type { ComponentChildren } from 'preact'
import { Icon } from './icon.tsx'

export type TextBoxProps = {
  readonly name: string
  readonly label: ComponentChildren
  readonly hint?: ComponentChildren
  readonly text: string
  readonly rows?: number
  readonly error?: string | undefined
  readonly required?: boolean
}

export const TextBox = ({ name, label, hint, text, rows = 5, error, required = false }: TextBoxProps) => (
  <div class="field">
    <label for={name}>{label}</label>
    {hint && (
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    )}
    <textarea
      class="input"
      id={name}
      name={name}
      rows={rows}
      dir="auto"
      required={required}
      aria-invalid={error ? 'true' : undefined}
      aria-describedby={[error && `${name}-error`, hint && `${name}-hint`].filter(Boolean).join(' ') || undefined}
    >
      {/* HTML drops one line break right after the tag; this one is dropped instead of the writer's own. */}
      {`\n${text}`}
    </textarea>
    {error && (
      <p class="error" id={`${name}-error`}>
        <Icon name="warn" />
        {error}
      </p>
    )}
  </div>
)
