/** What the trackers of developers have in common: Markdown that shows user text in code, and servers of one's own. */
import { utf16Units } from '../domain/cut.ts'
import type { Setting } from '../domain/destination.ts'
import { codeLine, fencedBlock } from './dialects.ts'
import { urlProblem } from './settings.ts'
import type { TextForm } from './text-message.ts'

export const MINUTE = 60_000
/** In code no name, number or line that begins with a slash means anything. */
export const fenced = (max: number, block: TextForm['block'] = fencedBlock): TextForm => ({
  max,
  measure: utf16Units,
  line: codeLine,
  block,
  strong: ours => `**${ours}**`,
  link: url => `[Open the ticket](${url})`,
})
export const ownUrl: Setting = {
  title: 'Address of a server of your own',
  type: 'url',
  optional: true,
  problem: urlProblem,
}
export const path = (text: string) => encodeURIComponent(text)
