/** A small picture of two words, such as `API: Internal/Beta`. Our own, so that no page asks another site for it. */

/** As in UCloud's guide: how far a call may be relied on, and who may make it. */
const GROUNDS = { stable: '#1b6e3f', experimental: '#8a5200', internal: '#b02a20', information: '#0a6073' } as const

export const badge = (label: string, value: string, ground: keyof typeof GROUNDS): string => {
  const [left, right] = [width(label), width(value)]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-labelledby="title">
<title id="title">${label}: ${value}</title>
<rect width="${left}" height="20" fill="#4a453d"/>
<rect x="${left}" width="${right}" height="20" fill="${GROUNDS[ground]}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<text x="${left / 2}" y="14">${label}</text>
<text x="${left + right / 2}" y="14">${value}</text>
</g>
</svg>
`
}

const width = (content: string): number => Math.round(content.length * 6.9) + 12
