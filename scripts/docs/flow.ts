/** A picture of who hands what to whom, from left to right, made from a few lines of text:
 *
 *      title …                      and `desc …`, the picture in words
 *      (A user)                     a column: people in round brackets, programs in square ones, `|` before a second line,
 *      [One] [Another]              several of them above each other; `[*…]` is the one that it is about
 *      > goes | < comes back        what goes on to the next column, and perhaps what comes back */
import { arrow, box, person, picture, words } from './svg.ts'

type Node = { readonly kind: 'person' | 'program' | 'subject'; readonly name: string; readonly more: string }
type Column = { readonly nodes: readonly Node[]; readonly forth: string; readonly back: string | null }
type Placed = { readonly left: number; readonly right: number; readonly y: number }

const BOX_HEIGHT = 56
const BETWEEN = 22
const GAP_MIN = 70
const EDGE = 24
const CHAR = 6.6

export const flow = (source: string): string => {
  const lines = source.trim().split('\n')
  const named = (name: string) => lines.find(line => line.startsWith(`${name} `))?.slice(name.length + 1) ?? ''
  const columns = columnsOf(lines.filter(line => /^[([>]/.test(line)))
  const rows = Math.max(...columns.map(({ nodes }) => nodes.length))
  const height = EDGE * 2 + rows * BOX_HEIGHT + (rows - 1) * BETWEEN
  const parts: string[] = []
  let left = EDGE
  let before: { column: Column; places: readonly Placed[] } | undefined
  for (const column of columns) {
    if (before) left += Math.max(GAP_MIN, textWidth(before.column.forth), textWidth(before.column.back ?? '')) + 36
    const width = Math.max(...column.nodes.map(widthOf))
    const places = column.nodes.map((_node, index) => place(left, width, height / 2, index, column.nodes.length))
    parts.push(...column.nodes.flatMap((node, index) => draw(node, places[index] as Placed, width))) // as many as nodes
    if (before) parts.push(...connect(before.column, before.places, places))
    left += width
    before = { column, places }
  }
  return picture({ width: Math.ceil(left + EDGE), height }, named('title'), named('desc'), parts)
}

const columnsOf = (lines: readonly string[]): Column[] => {
  const columns: Column[] = []
  for (const line of lines) {
    if (line.startsWith('>')) {
      const [forth = '', back] = line.slice(1).split('| <')
      const last = columns.pop()
      if (last) columns.push({ ...last, forth: forth.trim(), back: back?.trim() ?? null })
    } else {
      const nodes = [...line.matchAll(/([([])(\*?)([^)\]|]+)(?:\|([^)\]]+))?[)\]]/g)].map(
        ([, bracket, star, name = '', more = '']): Node => ({
          kind: bracket === '(' ? 'person' : star ? 'subject' : 'program',
          name: name.trim(),
          more: more.trim(),
        }),
      )
      columns.push({ nodes, forth: '', back: null })
    }
  }
  return columns
}

const textWidth = (content: string): number => Math.ceil(content.length * CHAR)
const widthOf = ({ kind, name, more }: Node): number =>
  Math.max(kind === 'person' ? 56 : 110, textWidth(name) + 24, textWidth(more) + 24)

const place = (left: number, width: number, middle: number, index: number, count: number): Placed => ({
  left,
  right: left + width,
  y: middle + (index - (count - 1) / 2) * (BOX_HEIGHT + BETWEEN),
})

const draw = ({ kind, name, more }: Node, { left, y }: Placed, width: number): string[] => {
  const x = left + width / 2
  if (kind === 'person') return [person(x, y + 6), words(x, y + 26, name, { look: 'text strong' })]
  const look = kind === 'subject' ? 'ours' : 'box'
  return [
    box(left, y - BOX_HEIGHT / 2, width, BOX_HEIGHT, look),
    words(x, more ? y - 3 : y + 5, name, { look: 'text strong' }),
    ...(more ? [words(x, y + 16, more, { look: 'soft small' })] : []),
  ]
}

/** Lines from each of the one column to each of the next, over one trunk; the words stand above it, what comes back below. */
const connect = ({ forth, back }: Column, from: readonly Placed[], to: readonly Placed[]): string[] => {
  const [first, target] = [from[0] as Placed, to[0] as Placed] // no column is empty
  const [start, end] = [first.right + 6, target.left - 6]
  const middle = (start + end) / 2
  const y = (from.length === 1 ? first : target).y
  if (back !== null)
    return [
      arrow([
        [start, y - 8],
        [end, y - 8],
      ]),
      arrow([
        [end, y + 8],
        [start, y + 8],
      ]),
      words(middle, y - 16, forth, { look: 'soft small' }),
      words(middle, y + 26, back, { look: 'soft small' }),
    ]
  const turn = from.length === 1 ? end - 20 : start + 14
  const paths =
    from.length === 1
      ? to.map(({ y: to }) =>
          arrow([
            [start, y],
            [turn, y],
            [turn, to],
            [end, to],
          ]),
        )
      : from.map(({ y: from }) =>
          arrow([
            [start, from],
            [turn, from],
            [turn, to[0]?.y ?? y],
            [end, to[0]?.y ?? y],
          ]),
        )
  const [trunkStart, trunkEnd] = from.length === 1 ? [start, turn] : [turn, end]
  return [...paths, words((trunkStart + trunkEnd) / 2, y - 9, forth, { look: 'soft small' })]
}
