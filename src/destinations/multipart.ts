/** A form with files in it (RFC 7578), for services that take a long text as one. */
import { createHash } from 'node:crypto'

export type Part = { readonly name: string; readonly type: string; readonly text: string; readonly filename?: string }

/** Names and types are our own: they are not escaped. The same parts give the same bytes. */
export const multipart = (parts: readonly Part[]): { readonly type: string; readonly body: string } => {
  // No text can hold the hash of itself, so none can end its part.
  const hash = createHash('sha256')
  for (const { text } of parts) hash.update(text)
  const boundary = `support-relay-${hash.digest('hex').slice(0, 40)}`
  const dressed = parts.map(({ name, type, text, filename }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`
    return `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\ncontent-type: ${type}\r\n\r\n${text}\r\n`
  })
  return { type: `multipart/form-data; boundary=${boundary}`, body: `${dressed.join('')}--${boundary}--\r\n` }
}
