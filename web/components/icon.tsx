/** Our own drawings on a 16-unit grid, painted with the current colour. Always hidden from assistive technology: the word beside it speaks. */

const outlines = {
  answered: 'M13.5 12.5a6.3 6.3 0 1 0-2.8 1.3l2.8.7ZM5.6 8.2l1.7 1.7 3.2-3.6',
  ask: 'M6 6.1a2.1 2.1 0 1 1 3 1.9c-.7.3-1 .7-1 1.5M8 11.6v.1M8 14.3A6.3 6.3 0 1 0 8 1.7a6.3 6.3 0 0 0 0 12.6Z',
  back: 'm10 4-4 4 4 4',
  bug: 'M5 6.5a3 3 0 0 1 6 0v3.5a3 3 0 0 1-6 0ZM5 8.5H2M14 8.5h-3M5.2 6 3 4.2M10.8 6 13 4.2M5.2 11 3 12.8M10.8 11l2.2 1.8M8 7.5v4',
  check: 'm3.2 8.6 3 3 6.6-7.2',
  chevron: 'm6 4 4 4-4 4',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.5',
  copy: 'M6 5.2A1.2 1.2 0 0 1 7.2 4h5.1a1.2 1.2 0 0 1 1.2 1.2v6.1a1.2 1.2 0 0 1-1.2 1.2H7.2A1.2 1.2 0 0 1 6 11.3ZM3.7 10.5A1.2 1.2 0 0 1 2.5 9.3V3.2A1.2 1.2 0 0 1 3.7 2h5.1A1.2 1.2 0 0 1 10 3.2',
  dead: 'M5.6 2h4.8L14 5.6v4.8L10.4 14H5.6L2 10.4V5.6ZM6 6l4 4m0-4-4 4',
  idea: 'M6 12.5h4M6.5 14.5h3M5.9 10.5c0-1.2-1.9-2-1.9-4.3a4 4 0 0 1 8 0c0 2.3-1.9 3.1-1.9 4.3Z',
  lock: 'M4.7 7.2V5.3a3.3 3.3 0 0 1 6.6 0v1.9M4.2 7.2h7.6a1 1 0 0 1 1 1v4.3a1 1 0 0 1-1 1H4.2a1 1 0 0 1-1-1V8.2a1 1 0 0 1 1-1Z',
  looking: 'M8 13.8A5.8 5.8 0 1 0 8 2.2a5.8 5.8 0 0 0 0 11.6ZM8 2.2v11.6M10 3v10M12 4.3v7.4',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  received: 'M8 13.8A5.8 5.8 0 1 0 8 2.2a5.8 5.8 0 0 0 0 11.6Z',
  retry: 'M13.5 8A5.5 5.5 0 1 1 11.6 3.8L13.5 5.5M13.5 2.2v3.3h-3.3',
  send: 'M13.8 2.2 7.2 8.8M13.8 2.2l-4 11.6-2.6-5-5-2.6Z',
  user: 'M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8ZM2.8 13.6a5.3 5.3 0 0 1 10.4 0',
  warn: 'M8 2.3 14.3 13.3H1.7ZM8 6.5v3M8 11.5v.1',
  you: 'M13.5 12.5a6.3 6.3 0 1 0-2.8 1.3l2.8.7ZM5.4 8v.1M8 8v.1M10.6 8v.1',
} as const

/** Drawn as areas, not lines. */
const areas = {
  closed:
    'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm3.4 4.9-4 4.5a.8.8 0 0 1-1.1 0L4.5 9.1a.75.75 0 0 1 1.1-1L6.8 9.3l3.5-3.9a.75.75 0 0 1 1.1 1Z',
} as const

export type IconName = keyof typeof outlines | keyof typeof areas

export const Icon = ({ name, large = false }: { name: IconName; large?: boolean }) => {
  const kind = `icon icon-${name}${large ? ' large' : ''}`
  if (name === 'closed') {
    return (
      <svg class={kind} viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
        <path fill-rule="evenodd" d={areas[name]} />
      </svg>
    )
  }
  return (
    <svg
      class={kind}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={outlines[name]} />
    </svg>
  )
}

/** Two messages, one handed on to the other. */
export const Logo = () => (
  <svg viewBox="0 0 16 16" aria-hidden="true">
    <path class="said" d="M4 1.5h4.5a3 3 0 0 1 0 6H1v-3a3 3 0 0 1 3-3Z" />
    <path class="answer" d="M7.5 8.5H15v3a3 3 0 0 1-3 3H7.5a3 3 0 0 1 0-6Z" />
  </svg>
)

/** The same two, the second one still to come: for pages with nothing on them. */
export const NothingYet = () => (
  <svg viewBox="0 0 88 64" fill="none" stroke-width="2" stroke-linecap="round" aria-hidden="true">
    <path class="said" d="M22 8h28a14 14 0 0 1 0 28H8V22A14 14 0 0 1 22 8Z" />
    <path class="answer" d="M40 28h40v14a14 14 0 0 1-14 14H40a14 14 0 0 1 0-28Z" stroke-dasharray="3 6" />
  </svg>
)
