/** Where a ticket stands, as icon and words: the icon fills as the matter moves. Users and staff read the same words but one. */
import type { TicketStatus, TicketType } from '../../src/api/ticket.ts'
import { Icon, type IconName } from './icon.tsx'

export type Reader = 'user' | 'staff'

const statuses: Readonly<Record<TicketStatus, { icon: IconName; words: string; tone: string }>> = {
  RECEIVED: { icon: 'received', words: 'Received', tone: '' },
  IN_PROGRESS: { icon: 'looking', words: 'Being looked at', tone: 'tone-info' },
  WAITING_FOR_USER: { icon: 'you', words: 'Waiting for you', tone: 'tone-wait' },
  ANSWERED: { icon: 'answered', words: 'Answered', tone: 'tone-info' },
  CLOSED: { icon: 'closed', words: 'Closed', tone: '' },
}

export const statusNames = Object.keys(statuses) as TicketStatus[] // of the record above

export const statusWords = (status: TicketStatus, reader: Reader): string =>
  status === 'WAITING_FOR_USER' && reader === 'staff' ? 'Waiting for the user' : statuses[status].words

export const StatusMark = ({
  status,
  reader,
  pill = false,
}: {
  status: TicketStatus
  reader: Reader
  pill?: boolean
}) => (
  <span class={`status ${statuses[status].tone}${pill ? ' pill' : ''}`}>
    <Icon name={statuses[status].icon} />
    {statusWords(status, reader)}
  </span>
)

export const statusIcon = (status: TicketStatus): IconName => statuses[status].icon

export const typeWords: Readonly<Record<TicketType, string>> = {
  BUG: 'Bug',
  QUESTION: 'Question',
  SUGGESTION: 'Suggestion',
}
