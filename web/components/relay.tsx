/** The relay line: where a message has been (solid), where it is, and where it goes next (dotted). */

const steps = [
  { title: 'You write', text: 'Nothing leaves this page until you send it.' },
  { title: 'We store it', text: 'Then you get a reference to keep.' },
  { title: 'The team gets it', text: 'In the place where they work. If that place is down, we keep trying.' },
  { title: 'A person reads it', text: 'They see who wrote, so that they can get back to you.' },
] as const

const sentSteps = [
  { title: 'You wrote', text: 'Your words are kept exactly as you sent them.' },
  { title: 'We stored it', text: 'A crash or a power cut does not lose it.' },
  ...steps.slice(2),
]

export const Relay = ({ stage }: { stage: 'writing' | 'stored' }) => {
  const now = stage === 'writing' ? 0 : 2
  return (
    <ol class="relay">
      {(stage === 'writing' ? steps : sentSteps).map(({ title, text }, index) => (
        <li
          key={title}
          class={index < now ? 'done' : index === now ? 'now' : undefined}
          aria-current={index === now ? 'step' : undefined}
        >
          <strong>{title}</strong>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  )
}
