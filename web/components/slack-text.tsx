/** Slack's text dialect, as far as a chat window shows it: entities, bold, italic, code, links, and what would ping somebody.
 *  A ping is shown loudly, not left out: this page is where one sees whether user text could have made one. */

type Piece =
  | { readonly kind: 'text' | 'bold' | 'italic' | 'strike' | 'code'; readonly text: string }
  | { readonly kind: 'ping'; readonly text: string }
  | { readonly kind: 'link'; readonly label: string | null; readonly url: string }

export const Mrkdwn = ({ text }: { text: string }) => (
  <bdi>
    {pieces(text).map((piece, index) => (
      <PieceOfText key={index} piece={piece} />
    ))}
  </bdi>
)

const PieceOfText = ({ piece }: { piece: Piece }) => {
  switch (piece.kind) {
    case 'text':
      return <>{piece.text}</>
    case 'bold':
      return <strong>{piece.text}</strong>
    case 'italic':
      return <em>{piece.text}</em>
    case 'strike':
      return <s>{piece.text}</s>
    case 'code':
      return <code>{piece.text}</code>
    case 'ping':
      return <Ping text={piece.text} />
    case 'link':
      return <LinkText label={piece.label} url={piece.url} />
  }
}

export const Ping = ({ text }: { text: string }) => <mark class="ping">{text} (this would ping)</mark>

/** Where a link leads is said in words and cannot be clicked: the message may be anybody's. */
export const LinkText = ({ label, url }: { label: string | null; url: string }) =>
  label === null || label === url ? (
    <u>{url}</u>
  ) : (
    <>
      <u>{label}</u> ({url})
    </>
  )

const TOKEN =
  /<([^<>]+)>|`([^`\n]+)`|(?<![\w*])\*([^*\n]+)\*(?![\w*])|(?<![\w_])_([^_\n]+)_(?![\w_])|(?<![\w~])~([^~\n]+)~(?![\w~])/gu

const pieces = (source: string): Piece[] => {
  const found: Piece[] = []
  let from = 0
  for (const match of source.matchAll(TOKEN)) {
    if (match.index > from) found.push({ kind: 'text', text: decode(source.slice(from, match.index)) })
    found.push(piece(match))
    from = match.index + match[0].length
  }
  if (from < source.length) found.push({ kind: 'text', text: decode(source.slice(from)) })
  return found
}

const piece = ([whole, angle, code, bold, italic, strike]: RegExpMatchArray): Piece => {
  if (angle !== undefined) return angled(angle)
  if (code !== undefined) return { kind: 'code', text: decode(code) }
  if (bold !== undefined) return { kind: 'bold', text: decode(bold) }
  if (italic !== undefined) return { kind: 'italic', text: decode(italic) }
  if (strike !== undefined) return { kind: 'strike', text: decode(strike) }
  return { kind: 'text', text: decode(whole) }
}

/** What stands between `<` and `>`: `!channel`, `@U1`, `#C1`, or an address with or without a label. */
const angled = (inner: string): Piece => {
  const bar = inner.indexOf('|')
  const target = decode(bar < 0 ? inner : inner.slice(0, bar))
  const label = bar < 0 ? null : decode(inner.slice(bar + 1))
  if (target.startsWith('!date^') || target.startsWith('#')) return { kind: 'text', text: label ?? target }
  if (target.startsWith('!') || target.startsWith('@')) return { kind: 'ping', text: `@${label ?? target.slice(1)}` }
  return { kind: 'link', label, url: target }
}

/** The three entities that Slack decodes, once. */
const decode = (text: string): string =>
  text.replace(/&(lt|gt|amp);/g, (_, name: string) => (name === 'lt' ? '<' : name === 'gt' ? '>' : '&'))
