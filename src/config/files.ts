/** The few things the configuration does with files; handed in, so that tests need no disk. */
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

export interface Files {
  /** The bytes of a file; throws what node:fs throws. */
  read(path: string): Uint8Array
  /** Makes the file with this text, readable by its owner only, whole or not at all; its folder too where it is missing.
   *  `exists`: somebody was first, and nothing was written. Throws what node:fs throws. */
  create(path: string, text: string): 'created' | 'exists'
}

export const systemFiles: Files = {
  read: path => readFileSync(path),

  create(path, text) {
    makeFolder(dirname(path))
    const temporary = `${path}.${randomUUID()}`
    try {
      writeSynced(temporary, text)
      return publish(temporary, path)
    } finally {
      rmSync(temporary, { force: true })
    }
  },
}

/** Not mkdir's own `recursive`: where the system answers ENOENT although the parent is there (/proc), Node 24 tries for ever. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process that starts at the same time was first.
    if (!existsSync(folder)) throw error
  }
}

const writeSynced = (path: string, text: string) => {
  const file = openSync(path, 'wx', 0o600)
  try {
    // Not writeSync: on a full disk that writes a part and says so in its result only.
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A link, unlike a rename, fails when the name is taken: two first starts at once then agree on one file. */
const publish = (temporary: string, path: string): 'created' | 'exists' => {
  try {
    linkSync(temporary, path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') return 'exists'
    // Some file systems have no links (EPERM, ENOTSUP, …).
    renameSync(temporary, path)
  }
  return 'created'
}
