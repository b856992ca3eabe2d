/** What README.md and docs/ show to be copied: their fenced blocks, the commands in them, and those in the text. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')
export const documents: readonly string[] = ['README.md', ...globSync('docs/**/*.md', { cwd: root }).sort()]

export type Block = {
  readonly file: string
  /** In the file, of its first line. */
  readonly line: number
  readonly language: string
  readonly text: string
}

export const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

export const blocksOf = (file: string, markdown = textOf(file)): Block[] =>
  [...markdown.matchAll(/^ *(`{3,})([^`\n]*)\n([\s\S]*?)^ *\1$/gm)].map(match => {
    const [, , language = '', text = ''] = match
    return { file, line: markdown.slice(0, match.index).split('\n').length + 1, language, text }
  })

/** The commands of a shell's block: a line that ends with a backslash, or within quotes, goes on; remarks are no commands. */
export const commandsOf = (text: string): string[] => {
  const commands: string[] = []
  let open = ''
  for (const line of text.split('\n')) {
    open += open === '' ? line : `\n${line}`
    const isWhole = !open.endsWith('\\') && (open.replace(/\s# .*$/, '').match(/'/g)?.length ?? 0) % 2 === 0
    if (!isWhole) continue
    if (open.trim() !== '' && !open.startsWith('#')) commands.push(open)
    open = ''
  }
  return open === '' ? commands : [...commands, open]
}

/** Commands of ours that stand in the text between other words: `support-relay serve --port N`. */
export const mentionsOf = (markdown: string): { readonly command: string; readonly options: readonly string[] }[] =>
  [...markdown.replace(/^ *(`{3,})[\s\S]*?^ *\1$/gm, '').matchAll(/`(?:npx )?support-relay ([a-z][^`]*)`/g)].map(
    ([, text = '']) => {
      const [command = ''] = /^(routes explain|[a-z]+(?:-[a-z]+)*)/.exec(text) ?? []
      return { command, options: text.match(/--[a-z-]+/g) ?? [] }
    },
  )
