/** Words from the schemas: what stands in backticks is code. */
export const Wording = ({ text }: { text: string }) => (
  <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={`${index}`}>{part}</code> : part))}</>
)
