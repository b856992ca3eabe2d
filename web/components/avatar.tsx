/** A person as two letters. Hidden from assistive technology: the name stands beside it. */

export const Avatar = ({ name, staff = false }: { name: string; staff?: boolean }) => (
  <span class={staff ? 'avatar staff' : 'avatar'} aria-hidden="true">
    {initials(name)}
  </span>
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
