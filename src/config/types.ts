/** The plain types of values: text, secrets, numbers, addresses, names from a list. */
import type { Found, Scalar } from './document.ts'
import { kindInWords, type Type } from './keys.ts'
import { didYouMean } from './nearest.ts'
import type { Findings } from './problem.ts'

/** One line of text that is not blank. A number is taken as typed where every YAML reader would write it the same. */
export const text = (form = 'a text on one line'): Type<string> => ({
  form,
  read(found, findings) {
    const value = stringOf(found, form, findings, { takesNumbers: true })
    return value === undefined ? undefined : oneLine(value, found, findings)
  },
})

/** A text that is never shown. Numbers are refused: YAML may have changed them (`0123`, `1e5`). */
export const secret = (form = 'a secret text', options: { readonly isBlock?: boolean } = {}): Type<string> => ({
  form,
  read(found, findings) {
    const value = stringOf(found, form, findings, { takesNumbers: false })
    if (value === undefined) return undefined
    // A block of lines (`|`) ends with a line break of its own.
    if (value !== value.trim() && !options.isBlock) {
      findings.warning(
        found.place,
        'The value begins or ends with white space, which counts as part of it.',
        'Remove it if it is not meant.',
      )
    }
    return value
  },
})

/** A secret that travels in a header, so it is one line. */
export const secretLine = (form = 'a secret text on one line'): Type<string> => ({
  form,
  read(found, findings) {
    const value = secret(form).read(found, findings)
    return value === undefined ? undefined : oneLine(value, found, findings)
  },
})

/** Also takes the number as text, since that is all a value from the environment can be. */
export const wholeNumber = (min: number, max: number): Type<number> => {
  const form = `a whole number from ${min} to ${max}`
  return {
    form,
    read(found, findings) {
      const scalar = scalarOf(found, form, findings)
      if (scalar === undefined) return undefined
      const isDigits =
        typeof scalar.value === 'number' || (typeof scalar.value === 'string' && /^-?\d+$/.test(scalar.value))
      const value = Number(scalar.value)
      if (isDigits && Number.isInteger(value) && value >= min && value <= max) return value
      findings.problem(found.place, `${shown(scalar)} is not ${form}.`, `Write ${form}.`)
      return undefined
    },
  }
}

/** An http(s) address without a fragment and without a user name or password, which would not be sent. */
export const webUrl = (form = 'an http:// or https:// address'): Type<string> => ({
  form,
  read(found, findings) {
    const value = stringOf(found, form, findings, { takesNumbers: false })
    if (value === undefined) return undefined
    const fault = urlFault(value)
    if (fault === undefined) return value
    // The address itself may be the secret, so it is not shown.
    findings.problem(found.place, `The address ${fault}.`, `Write ${form}, such as https://example.org/path.`)
    return undefined
  },
})

export const oneOf = <const V extends string>(values: readonly V[]): Type<V> => {
  const form = `one of ${values.join(', ')}`
  return {
    form,
    read(found, findings) {
      const scalar = scalarOf(found, form, findings)
      if (scalar === undefined) return undefined
      const value = values.find(known => known === scalar.value)
      if (value !== undefined) return value
      findings.problem(found.place, `${shown(scalar)} is not ${form}.`, `Write ${form}.${guess(scalar, values)}`)
      return undefined
    },
  }
}

/** One value or a list of them. Every item is read, so that every wrong one is told. */
export const oneOrMore = <T>(item: Type<T>, options: { readonly mayBeEmpty?: boolean } = {}): Type<readonly T[]> => {
  const form = `${item.form}, or a list of such`
  return {
    form,
    read(found, findings) {
      const items = found.kind === 'list' ? found.items : [found]
      if (items.length === 0 && options.mayBeEmpty !== true) {
        findings.problem(found.place, 'The list is empty.', `Write ${form}.`)
        return undefined
      }
      const values = items.map(each => item.read(each, findings)).filter(value => value !== undefined)
      return values.length === items.length ? values : undefined
    },
  }
}

/** The text with `parse` applied: undefined from it means that the text is not of this form. For values that may be shown. */
export const parsed = <T>(form: string, example: string, parse: (value: string) => T | undefined): Type<T> => ({
  form,
  read(found, findings) {
    const scalar = scalarOf(found, form, findings)
    if (scalar === undefined) return undefined
    const value = typeof scalar.value === 'string' ? parse(scalar.value) : undefined
    if (value === undefined)
      findings.problem(found.place, `${shown(scalar)} is not ${form}.`, `Write it like ${example}.`)
    return value
  },
})

/** `"value"` as typed, or `The value` where it came from outside or is long: it may be a secret in the wrong place. */
export const shown = (scalar: Scalar): string =>
  scalar.isInserted || scalar.source.length > 24 || !/^[\w.:/, -]+$/.test(scalar.source)
    ? 'The value'
    : `"${scalar.source}"`

const guess = (scalar: Scalar, values: readonly string[]) =>
  scalar.isInserted ? '' : didYouMean(String(scalar.value), values)

export const scalarOf = (found: Found, form: string, findings: Findings): Scalar | undefined => {
  if (found.kind === 'scalar' && found.value !== null) return found
  if (found.kind !== 'broken')
    findings.problem(found.place, `Here stands ${kindInWords(found)}; it must be ${form}.`, `Write ${form}.`)
  return undefined
}

const stringOf = (
  found: Found,
  form: string,
  findings: Findings,
  options: { readonly takesNumbers: boolean },
): string | undefined => {
  const scalar = scalarOf(found, form, findings)
  if (scalar === undefined) return undefined
  if (typeof scalar.value === 'string') {
    if (scalar.value.trim() !== '') return scalar.value
    const origin = scalar.isInserted ? ': what was put in from outside holds nothing' : ''
    findings.problem(found.place, `The value is empty${origin}; it must be ${form}.`, `Write ${form}.`)
    return undefined
  }
  if (options.takesNumbers && Number.isSafeInteger(scalar.value) && String(scalar.value) === scalar.source)
    return scalar.source
  const what = `YAML reads the value as a ${typeof scalar.value} and may change it; it must be ${form}.`
  findings.problem(found.place, what, 'Put it in quotes.')
  return undefined
}

const oneLine = (value: string, found: Found, findings: Findings): string | undefined => {
  // C0 and C1 controls and the two Unicode line separators: no name, id or token holds one, and in a header they do harm.
  if (!/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)) return value
  findings.problem(found.place, 'The value holds a line break or another control character.', 'Write it on one line.')
  return undefined
}

const urlFault = (value: string): string | undefined => {
  if (/[\s\u0000-\u001f]/.test(value)) return 'holds white space'
  if (!URL.canParse(value)) return 'is not a whole web address'
  const url = new URL(value)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'does not begin with https:// or http://'
  if (url.username !== '' || url.password !== '')
    return 'holds a user name or password, which this version does not send'
  if (url.hash !== '') return 'holds a fragment (#…), which is never sent'
  return undefined
}
