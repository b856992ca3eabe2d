/** Parts of pages in GitHub's Markdown. */
import type { FieldWords, ModelWords, TypeWords } from '../../src/api/manual.ts'

export const page = (parts: readonly string[]): string => `${parts.join('\n\n')}\n`

export const generated = (sources: string): string =>
  `<!-- Made from the code by \`node scripts/docs.js\`; changes belong into ${sources}. -->`

export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`)
    .join('\n')

export const fenced = (language: string, code: string): string => `\`\`\`${language}\n${code}\n\`\`\``

/** @param summary HTML */
export const details = (summary: string, parts: readonly string[], isOpen = false): string =>
  [`<details${isOpen ? ' open' : ''}>\n<summary>${summary}</summary>`, ...parts, '</details>'].join('\n\n')

/** @param link the address of a model */
export const typeLink = ({ name, model, isList, isNullable }: TypeWords, link: (model: string) => string): string => {
  const shown = model === null ? `\`${name}\`` : `[\`${name}\`](${link(model)})`
  return `${shown}${isList ? ' list' : ''}${isNullable ? ' or null' : ''}`
}

const TYPESCRIPT: Readonly<Record<string, string>> = { integer: 'number', object: 'Readonly<Record<string, unknown>>' }

const typeScript = ({ type, values }: FieldWords): string => {
  const one = values.length > 0 ? values.map(value => `'${value}'`).join(' | ') : (TYPESCRIPT[type.name] ?? type.name)
  const many = type.isList ? `readonly ${one.includes('|') ? `(${one})` : one}[]` : one
  return type.isNullable ? `${many} | null` : many
}

/** As a declaration in TypeScript. */
export const signature = ({ name, fields }: ModelWords): string => {
  if (fields.length === 0) return `type ${name} = {}`
  const lines = fields.map(field => `  readonly ${field.name}${field.isOptional ? '?' : ''}: ${typeScript(field)}`)
  return `type ${name} = {\n${lines.join('\n')}\n}`
}

export const propertyTable = ({ fields }: ModelWords, link: (model: string) => string): string =>
  table(
    ['Property', 'Type', '', 'Description'],
    fields.map(({ name, type, isOptional, description, values }) => [
      `\`${name}\``,
      typeLink(type, link),
      isOptional ? 'optional' : '',
      values.length > 0 ? `${description} One of ${values.map(value => `\`${value}\``).join(', ')}.` : description,
    ]),
  )
