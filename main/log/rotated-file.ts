import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'

/** One file is quick to read and to send; with the older ones a few days of ordinary use. */
const MAX_BYTES = 2_000_000
const OLDER_FILES = 3

export interface LineFile {
  write(line: string): void
  dispose(): void
}

/**
 * Appends lines to `path`, readable by its owner only; a full file becomes `path.1`, that one `path.2`, and so on.
 * A log that cannot be written (full disk) is given up silently: it must never stop what it tells of.
 */
export const rotatedFile = (path: string, maxBytes = MAX_BYTES): LineFile => {
  let descriptor: number | undefined
  let size = 0

  const open = () => {
    descriptor = openSync(path, 'a', 0o600)
    size = fstatSync(descriptor).size
  }

  const rotate = () => {
    closeSync(descriptor!)
    descriptor = undefined
    rmSync(`${path}.${OLDER_FILES}`, { force: true })
    for (let number = OLDER_FILES - 1; number >= 1; number--) {
      try {
        renameSync(`${path}.${number}`, `${path}.${number + 1}`)
      } catch {
        // That one was never written.
      }
    }
    renameSync(path, `${path}.1`)
    open()
  }

  return {
    write: line => {
      try {
        if (descriptor === undefined) open()
        else if (size >= maxBytes) rotate()
        size += writeSync(descriptor!, line)
      } catch {
        // See above.
      }
    },
    dispose: () => {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}
