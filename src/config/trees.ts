/** Values of any depth, as JSON text: what a kind fills in and sends. */
import type { Json } from '../api/ticket.ts'
import type { Found } from './document.ts'
import type { Type } from './keys.ts'
import { secretLine } from './types.ts'

const jsonFrom = (found: Found): Json | undefined => {
  switch (found.kind) {
    case 'scalar':
      return found.value
    case 'list': {
      const items = found.items.map(jsonFrom).filter(item => item !== undefined)
      return items.length === found.items.length ? items : undefined
    }
    case 'group': {
      const entries = [...found.entries].flatMap(([name, { value }]): [string, Json][] => {
        const json = jsonFrom(value)
        return json === undefined ? [] : [[name, json]]
      })
      return entries.length === found.entries.size ? Object.fromEntries(entries) : undefined
    }
    case 'broken':
      return undefined
  }
}

export const tree: Type<string> = {
  form: 'a tree of groups, lists, texts and numbers',
  read(found, findings) {
    const value = jsonFrom(found)
    if (value === undefined) return undefined
    if (typeof value === 'object' && value !== null) return JSON.stringify(value)
    findings.problem(
      found.place,
      `Here stands no group and no list; it must be ${tree.form}.`,
      'Write the JSON as YAML.',
    )
    return undefined
  },
}

/** https://www.rfc-editor.org/rfc/rfc9110 section 5.6.2; those that the transport writes are its own. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i
const OURS = /^(?:host|content-length|content-type|transfer-encoding|connection|user-agent)$/i

export const headers: Type<string> = {
  form: 'a group of headers, their values secret',
  read(found, findings) {
    if (found.kind !== 'group') return tree.read(found, findings)
    const read = [...found.entries].map(([name, { keyPlace, value }]) => {
      const text = secretLine().read(value, findings)
      if (HEADER_NAME.test(name) && !OURS.test(name)) return text === undefined ? undefined : [name.toLowerCase(), text]
      findings.problem(
        keyPlace,
        'This cannot be the name of a header of yours.',
        'Use letters, digits and hyphens, and none that HTTP needs for itself.',
      )
      return undefined
    })
    const sound = read.filter(entry => entry !== undefined)
    return sound.length === read.length ? JSON.stringify(Object.fromEntries(sound)) : undefined
  },
}
