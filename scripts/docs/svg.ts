/** What all pictures of the documentation have in common: colours of the product's look in light and dark, text, boxes, arrows. */

/** Light, then dark; the values of web/look/tokens.css. A picture brings its own ground, whatever page it stands on. */
const COLOURS = {
  page: ['#faf9f6', '#141312'],
  surface: ['#ffffff', '#1c1b19'],
  line: ['#918a7f', '#757066'],
  text: ['#1e1c19', '#ece9e3'],
  soft: ['#585249', '#b8b2a8'],
  accent: ['#0a6073', '#62c2d2'],
  wash: ['#e4f1f3', '#122f37'],
} as const

const rules = (theme: 0 | 1): string => {
  const { page, surface, line, text, soft, accent, wash } = COLOURS
  return [
    `.page{fill:${page[theme]}}`,
    `.box{fill:${surface[theme]};stroke:${line[theme]}}`,
    `.ours{fill:${wash[theme]};stroke:${accent[theme]}}`,
    `.line{stroke:${line[theme]};fill:none}`,
    `.arrow{stroke:${accent[theme]};fill:none;stroke-width:1.5}`,
    `.head{fill:${accent[theme]}}`,
    `.text{fill:${text[theme]}}`,
    `.soft{fill:${soft[theme]}}`,
    `.accent{fill:${accent[theme]}}`,
  ].join('')
}

export type Size = { readonly width: number; readonly height: number }

/** A whole picture. @param desc what it says, for whoever does not see it */
export const picture = ({ width, height }: Size, title: string, desc: string, parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(desc)}</desc>`,
    `<style>text{font:14px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}.small{font-size:12.5px}.strong{font-weight:600}.code{font:12.5px ui-monospace,Menlo,Consolas,monospace;white-space:pre}${rules(0)}@media (prefers-color-scheme:dark){${rules(1)}}</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="12"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')

export const words = (
  x: number,
  y: number,
  content: string,
  { look = 'text', anchor = 'middle' }: { readonly look?: string; readonly anchor?: 'start' | 'middle' | 'end' } = {},
): string => `<text class="${look}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`

export const box = (x: number, y: number, width: number, height: number, look = 'box'): string =>
  `<rect class="${look}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`

/** Through these points, with a head at the last one, which must lie to the left or right of the one before. */
export const arrow = (points: readonly (readonly [number, number])[]): string => {
  const [x, y] = points.at(-1) ?? [0, 0]
  const back = (points.at(-2)?.[0] ?? 0) < x ? -8 : 8
  const path = points.map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${px} ${py}`).join('')
  return `<path class="arrow" d="${path}"/><path class="head" d="M${x} ${y}l${back} -5v10z"/>`
}

/** A person: head and shoulders, centred above (x, y). */
export const person = (x: number, y: number): string =>
  `<circle class="ours" cx="${x}" cy="${y - 34}" r="9"/><path class="ours" d="M${x - 18} ${y}a18 18 0 0 1 36 0z"/>`

export const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
