/** YAML's own errors in words. The parser's messages quote the source, which may hold a secret, so they are never passed on. */
import type { ErrorCode } from 'yaml'

type Words = { readonly what: string; readonly fix: string }

const indent: Words = {
  what: 'The indentation does not fit the lines above, or a bracket above is not closed.',
  fix: 'Give keys of the same group the same number of spaces, and close every bracket.',
}
const unexpected: Words = {
  what: 'Something stands here that YAML does not expect.',
  fix: 'Look for a missing quote, comma or bracket here or just above; put values with special characters in quotes.',
}
const tag: Words = {
  what: 'There is a YAML tag (a word with "!") that is not understood.',
  fix: 'Remove the tag, or put the value in quotes.',
}

const words: Partial<Record<ErrorCode, Words>> = {
  BAD_ALIAS: {
    what: 'There is a YAML alias (a word with "*") that is not understood.',
    fix: 'Put the value in quotes.',
  },
  BAD_DQ_ESCAPE: {
    what: 'There is a backslash sequence that YAML does not know.',
    fix: 'Write \\\\ for one backslash, or use single quotes.',
  },
  BAD_INDENT: indent,
  BAD_SCALAR_START: {
    what: 'The value begins with a character that YAML keeps for itself (one of @ ` % & * ! | >).',
    fix: 'Put the value in quotes.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    what: 'There are two colons in one line, as if a group of keys began in the middle of it.',
    fix: 'Put the value in quotes, or begin a new line.',
  },
  BLOCK_IN_FLOW: {
    what: 'A list or group written over several lines stands inside brackets.',
    fix: 'Write it inside the brackets as well.',
  },
  MISSING_CHAR: {
    what: 'A quote, bracket or colon is missing.',
    fix: 'Close what was opened here or just above; write "key: value".',
  },
  MULTILINE_IMPLICIT_KEY: { what: 'A key runs over more than one line.', fix: 'Look for a missing colon or quote.' },
  MULTIPLE_DOCS: { what: 'A second document begins here ("---").', fix: 'Keep one document in the file.' },
  NON_STRING_KEY: {
    what: 'A key is no plain word.',
    fix: 'Write "key: value". A value that begins with { or [ needs quotes.',
  },
  TAB_AS_INDENT: { what: 'The line is indented with a tab.', fix: 'Use spaces.' },
  TAG_RESOLVE_FAILED: tag,
  MULTIPLE_TAGS: tag,
  BAD_COLLECTION_TYPE: tag,
}

/** What a YAML error at `offset` of `source` means, and how to put it right. */
export const syntaxInWords = (code: ErrorCode, source: string, offset: number): Words => {
  const isInsertion = source.slice(Math.max(0, offset - 1), offset + 1) === '${'
  if (isInsertion) {
    return {
      what: 'Inside brackets, ${…} is read as the beginning of a group of keys.',
      fix: 'Put it in quotes: "${NAME}".',
    }
  }
  return words[code] ?? unexpected
}
