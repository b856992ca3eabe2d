/** What the trackers of developers, and a chat of theirs, have in common: Markdown that shows user text in code. */
import { utf16Units } from '../domain/cut.ts'
import { codeLine, fencedBlock } from './dialects.ts'
import type { TextForm } from './text-message.ts'

/** In code no name, number or line that begins with a slash means anything. */
export const fenced = (max: number, block: TextForm['block'] = fencedBlock): TextForm => ({
  max,
  measure: utf16Units,
  line: codeLine,
  block,
  strong: ours => `**${ours}**`,
  link: url => `[Open the ticket](${url})`,
})
