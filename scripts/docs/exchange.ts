/** A picture of one call, made from a few lines of text: who asks on the left, who answers on the right, each with a card that shows what travels.
 *
 *      title …                      and `desc …`, the picture in words
 *      A user | Support Relay
 *      > createTicket               what is asked; the lines below it stand on its card, the first one as its heading
 *      < 200 OK                     what is answered, likewise */
import { arrow, box, person, picture, words } from './svg.ts'

const WIDTH = 760
const LEFT = 90
const RIGHT = WIDTH - 110
const LINE = 19
const TOP = 96

export const exchange = (source: string): string => {
  const lines = source.trim().split('\n')
  const named = (name: string) => lines.find(line => line.startsWith(`${name} `))?.slice(name.length + 1) ?? ''
  const [asker = '', answerer = ''] = lines[2]?.split(' | ') ?? []
  const steps: { readonly isAsked: boolean; readonly name: string; readonly card: string[] }[] = []
  for (const line of lines.slice(3)) {
    if (/^[<>] /.test(line)) steps.push({ isAsked: line.startsWith('>'), name: line.slice(2), card: [] })
    else steps.at(-1)?.card.push(line)
  }
  const parts: string[] = []
  let y = TOP
  for (const { isAsked, name, card } of steps) {
    const [from, to] = isAsked ? [LEFT + 10, RIGHT - 10] : [RIGHT - 10, LEFT + 10]
    const height = card.length * LINE + 20
    parts.push(
      words(WIDTH / 2 - 10, y, name, { look: 'accent strong' }),
      arrow([
        [from, y + 12],
        [to, y + 12],
      ]),
      box(LEFT + 40, y + 26, RIGHT - LEFT - 80, height),
      ...card.map((line, index) =>
        words(LEFT + 56, y + 26 + 23 + index * LINE, line, {
          look: index === 0 ? 'text small strong' : 'soft code',
          anchor: 'start',
        }),
      ),
    )
    y += height + 70
  }
  const height = y - 20
  return picture({ width: WIDTH, height }, named('title'), named('desc'), [
    ...[LEFT, RIGHT].map(x => `<path class="line" stroke-dasharray="2 5" d="M${x} 72V${height - 16}"/>`),
    person(LEFT, 52),
    words(LEFT, 68, asker, { look: 'text strong' }),
    box(RIGHT - 75, 24, 150, 44, 'ours'),
    words(RIGHT, 51, answerer, { look: 'text strong' }),
    ...parts,
  ])
}
