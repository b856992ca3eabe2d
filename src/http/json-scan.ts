/** The shape of a JSON text, before it is parsed: parsers take time and memory for every value, however useless. */

export type JsonShape = {
  /** How deep lists and objects lie in each other; looked at up to a limit. */
  readonly depth: number
  /** Commas and colons outside of texts: about as many as values. */
  readonly values: number
  /** Members of the outermost object, as written: parsing keeps one of those that share a name. */
  readonly members: number
}

/** @param depthMax where looking stops: the rest of what is deeper is not worth it */
export const scanJson = (json: string, depthMax = Number.POSITIVE_INFINITY): JsonShape => {
  let [depth, deepest, values, members] = [0, 0, 0, 0]
  for (let i = 0; i < json.length && deepest <= depthMax; i += 1) {
    switch (json.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(json, i)
        break
      case 0x7b: // {
      case 0x5b: // [
        depth += 1
        if (depth > deepest) deepest = depth
        break
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1
        break
      case 0x3a: // :
        if (depth === 1) members += 1
        values += 1
        break
      case 0x2c: // ,
        values += 1
    }
  }
  return { depth: deepest, values, members }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Where the string that begins at `start` ends: at the next quote that no backslash escapes; at the end of a text that is none. */
const endOfString = (json: string, start: number): number => {
  let end = start
  let backslashes = 0
  do {
    end = json.indexOf('"', end + 1)
    if (end === -1) return json.length
    for (backslashes = 0; json.charCodeAt(end - 1 - backslashes) === BACKSLASH; ) backslashes += 1
  } while (backslashes % 2 === 1)
  return end
}
