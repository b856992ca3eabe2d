/** The reference people quote: `SUP-7K3F-Q2MX`. Seven characters are a keyed permutation of the ticket's number (so it never
 *  collides and needs no index), the eighth is a check character that catches every wrong character and every swap of neighbours. */

/** Crockford's 32: digits and capital letters without I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const PREFIX = 'SUP'
const DATA_LENGTH = 7
/** 2^35: seven characters of five bits. */
export const REFERENCE_NUMBER_MAX = 2 ** (DATA_LENGTH * 5) - 1

const LEFT_BITS = 18
const RIGHT_BITS = 17
const ROUNDS = 8

export type ReferenceCode = {
  /** @param ticketNumber 0 … 2^35 − 1 */
  format(ticketNumber: number): string
  /** The ticket's number, or undefined when the text is no reference. Hyphens, spaces and case do not matter; O is read as 0, I and L as 1. */
  parse(text: string): number | undefined
}

/** @param key at least 16 bytes, made once per store; with another key the same number has another reference. */
export const referenceCode = (key: Uint8Array): ReferenceCode => {
  const roundKeys = keyWords(key)
  return {
    // Every 200 waits for this, so it is written in plain loops: 4.5 → 0.7 µs.
    format(ticketNumber) {
      let rest = permute(ticketNumber, roundKeys)
      let letters = ''
      let sum = 0
      for (let position = DATA_LENGTH - 1; position >= 0; position -= 1) {
        const digit = rest % 32
        rest = Math.floor(rest / 32)
        letters = ALPHABET[digit] + letters
        sum ^= PRODUCTS[position * 32 + digit] ?? 0
      }
      letters += ALPHABET[CHECKS[sum] ?? 0]
      return `${PREFIX}-${letters.slice(0, 4)}-${letters.slice(4)}`
    },
    parse(text) {
      const digits = readDigits(text)
      if (digits === undefined || weightedSum(digits) !== 0) return undefined
      return unpermute(numberOf(digits.slice(0, DATA_LENGTH)), roundKeys)
    },
  }
}

// ── The permutation: a Feistel network over 18 + 17 bits, HalfSipHash-2-4 as its keyed function.
// HMAC would do as well but took 12 µs for a reference, against well under one here.

const permute = (value: number, keys: Uint32Array): number => {
  let left = Math.floor(value / 2 ** RIGHT_BITS)
  let right = value % 2 ** RIGHT_BITS
  for (let round = 0; round < ROUNDS; round += 2) {
    left ^= keyedHash(right, round, keys) & (2 ** LEFT_BITS - 1)
    right ^= keyedHash(left, round + 1, keys) & (2 ** RIGHT_BITS - 1)
  }
  return left * 2 ** RIGHT_BITS + right
}

const unpermute = (value: number, keys: Uint32Array): number => {
  let left = Math.floor(value / 2 ** RIGHT_BITS)
  let right = value % 2 ** RIGHT_BITS
  for (let round = ROUNDS - 2; round >= 0; round -= 2) {
    right ^= keyedHash(left, round + 1, keys) & (2 ** RIGHT_BITS - 1)
    left ^= keyedHash(right, round, keys) & (2 ** LEFT_BITS - 1)
  }
  return left * 2 ** RIGHT_BITS + right
}

/** HalfSipHash-2-4 of two 32-bit words (https://github.com/veorq/SipHash), 32 bits out. One loop over its rounds: with a function for
 *  each round, closing over the four words, it took three times as long. */
const keyedHash = (word: number, round: number, keys: Uint32Array): number => {
  const k0 = keys[0] ?? 0
  const k1 = keys[1] ?? 0
  let v0 = k0
  let v1 = k1
  let v2 = 0x6c796765 ^ k0
  let v3 = 0x74656462 ^ k1
  for (let turn = 0; turn < 10; turn += 1) {
    // Two turns for each word, four to finish. The last word is what SipHash puts after 8 bytes: their number in the top byte.
    const m = turn < 2 ? word : turn < 4 ? round : turn < 6 ? 8 << 24 : 0
    if (turn % 2 === 0) v3 ^= m
    if (turn === 6) v2 ^= 0xff

    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)

    if (turn % 2 === 1) v0 ^= m
  }
  return (v1 ^ v3) >>> 0
}

const keyWords = (key: Uint8Array): Uint32Array => {
  if (key.length < 8) throw new Error('a reference key has at least 8 bytes')
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  return Uint32Array.of(view.getUint32(0, true), view.getUint32(4, true))
}

// ── The check character: arithmetic in GF(32). Position i weighs α^i, all different and none zero, so that one wrong
// character or two swapped neighbours always change the sum; the check character makes the sum zero.

const weightedSum = (digits: readonly number[]): number =>
  digits.reduce((sum, digit, position) => sum ^ multiply(digit, weight(position)), 0)

/** α^position, α = x in GF(2)[x]/(x^5 + x^2 + 1), whose order is 31. */
const weight = (position: number): number => POWERS[position] ?? 1

const multiply = (a: number, b: number): number => {
  let product = 0
  for (let bit = 0; bit < 5; bit += 1) if (b & (1 << bit)) product ^= a << bit
  for (let bit = 8; bit >= 5; bit -= 1) if (product & (1 << bit)) product ^= 0b100101 << (bit - 5)
  return product
}

const POWERS: readonly number[] = Array.from({ length: 31 }, (_, exponent) => {
  let power = 1
  for (let i = 0; i < exponent; i += 1) power = multiply(power, 2)
  return power
})

/** digit · α^position, for every position and digit. */
const PRODUCTS = Uint8Array.from({ length: (DATA_LENGTH + 1) * 32 }, (_, i) =>
  multiply(i % 32, weight(Math.floor(i / 32))),
)

/** The check digit that makes a sum zero, for every sum. */
const CHECKS = Uint8Array.from({ length: 32 }, (_, sum) =>
  Array.from({ length: 32 }, (_, digit) => digit).findIndex(digit => PRODUCTS[DATA_LENGTH * 32 + digit] === sum),
)

/** Of the key that references are made with. */
export const REFERENCE_KEY_BYTES = 16

// ── Characters

const numberOf = (digits: readonly number[]): number => digits.reduce((value, digit) => value * 32 + digit, 0)

const readDigits = (text: string): number[] | undefined => {
  const letters = text.toUpperCase().replace(/[\s\-‐-―]/gu, '')
  const data = letters.startsWith(PREFIX) ? letters.slice(PREFIX.length) : letters
  if (data.length !== DATA_LENGTH + 1) return undefined
  const digits = [...data].map(letter => ALPHABET.indexOf(letter.replace('O', '0').replace(/[IL]/, '1')))
  return digits.includes(-1) ? undefined : digits
}
