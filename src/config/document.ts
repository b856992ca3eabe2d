/** The configuration file as a tree in which everything knows where it stands. Knows YAML, and nothing of our keys. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import type { Findings, Place } from './problem.ts'
import { syntaxInWords } from './syntax.ts'

export type Scalar = {
  readonly kind: 'scalar'
  readonly place: Place
  readonly value: string | number | boolean | null
  /** As typed, without quotes: the only true form of `0123` or of a number with twenty digits. */
  readonly source: string
  /** The value came from the environment or a file, so it is never shown. */
  readonly isInserted: boolean
}
export type List = { readonly kind: 'list'; readonly place: Place; readonly items: readonly Found[] }
export type Group = { readonly kind: 'group'; readonly place: Place; readonly entries: ReadonlyMap<string, Entry> }
export type Entry = { readonly keyPlace: Place; readonly value: Found }
/** A problem has been told already; whoever meets it is silent. */
export type Broken = { readonly kind: 'broken'; readonly place: Place }
export type Found = Scalar | List | Group | Broken

/** Aliases may multiply a short file (each one names several others); no honest configuration needs more. */
const ALIASES_MAX = 100

/** Whether a key may be shown. `{ url:https://hook… }` lacks a space, so that the secret address becomes part of the key. */
export const isSafeName = (name: string): boolean => /^[\w.-]{1,63}$/.test(name)

/** The tree of the file; undefined when it is no YAML, since what a broken file says is anybody's guess. Problems go to `findings`. */
export const readDocument = (source: string, file: string, findings: Findings): Found | undefined => {
  const lines = new LineCounter()
  const document = parseDocument(source, {
    lineCounter: lines,
    // Off, because its messages quote the source.
    prettyErrors: false,
    stringKeys: true,
    // Found below instead, where the first occurrence can be named.
    uniqueKeys: false,
  })
  const placeAt = (offset: number, key: string): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col), key }
  }

  const faults = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0])
  // One slip makes the parser stumble several times in its line: the first is the one to mend.
  const linesTold = new Set<number | null>()
  for (const fault of faults) {
    const place = placeAt(fault.pos[0], '')
    if (linesTold.has(place.line)) continue
    linesTold.add(place.line)
    const { what, fix } = syntaxInWords(fault.code, source, fault.pos[0])
    findings.problem(place, `This is not valid YAML, so the keys could not be checked. ${what}`, fix)
  }
  if (faults.length > 0) return undefined

  return new TreeBuilder(document, placeAt, findings).build(document.contents, placeAt(0, ''))
}

class TreeBuilder {
  private aliasCount = 0
  private readonly document: Document
  private readonly placeAt: (offset: number, key: string) => Place
  private readonly findings: Findings

  constructor(document: Document, placeAt: (offset: number, key: string) => Place, findings: Findings) {
    this.document = document
    this.placeAt = placeAt
    this.findings = findings
  }

  /** `fallback` is where a value that is not there would stand; its key is the value's. */
  build(node: Node | null, fallback: Place): Found {
    const place = node?.range ? this.placeAt(node.range[0], fallback.key) : fallback
    if (isAlias(node)) return this.follow(node.resolve(this.document), place)
    if (isMap<Node, Node | null>(node)) return this.group(node.items, place)
    if (isSeq<Node | null>(node)) {
      const items = node.items.map((item, index) => this.build(item, { ...place, key: `${place.key}[${index}]` }))
      return { kind: 'list', place, items }
    }
    const value: unknown = isScalar(node) ? node.value : null
    const source = isScalar(node) ? (node.source ?? '') : ''
    const isPlain =
      value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return { kind: 'scalar', place, value: isPlain ? value : source, source, isInserted: false }
  }

  private follow(target: Node | undefined, place: Place): Found {
    this.aliasCount += 1
    if (target !== undefined && this.aliasCount <= ALIASES_MAX) {
      // The copy stands where the alias stands: that is the line its reader looks at.
      const found = this.build(target, place)
      return { ...found, place }
    }
    if (target === undefined) {
      this.findings.problem(
        place,
        'A YAML alias (a word with "*") names something that is not defined above.',
        'Put the value in quotes.',
      )
    } else if (this.aliasCount === ALIASES_MAX + 1) {
      this.findings.problem(place, `The file uses more than ${ALIASES_MAX} YAML aliases.`, 'Write some of them out.')
    }
    return { kind: 'broken', place }
  }

  private group(pairs: readonly Pair<Node, Node | null>[], place: Place): Group {
    const entries = new Map<string, Entry>()
    for (const { key: keyNode, value } of pairs) {
      const name = isScalar(keyNode) ? String(keyNode.value) : ''
      const segment = isSafeName(name) ? name : '?'
      const key = place.key === '' ? segment : `${place.key}.${segment}`
      const keyPlace = keyNode.range ? this.placeAt(keyNode.range[0], key) : { ...place, key }
      const earlier = entries.get(name)
      if (earlier === undefined) {
        entries.set(name, { keyPlace, value: this.build(value, keyPlace) })
      } else {
        const what = `The key "${segment}" is given twice; the first is in line ${earlier.keyPlace.line}.`
        this.findings.problem(keyPlace, what, 'Keep one of them.')
      }
    }
    return { kind: 'group', place, entries }
  }
}

/** What stands under the name, in a group. */
export const child = (root: Found, name: string) => (root.kind === 'group' ? root.entries.get(name)?.value : undefined)
