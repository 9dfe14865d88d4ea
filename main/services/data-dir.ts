import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Why a data directory cannot be used; `message` says what to do about it. */
export class DataDirError extends Error {
  readonly code: 'unwritable' | 'full' | 'busy'

  constructor(code: DataDirError['code'], message: string) {
    super(message)
    this.name = 'DataDirError'
    this.code = code
  }
}

/** What the running instance tells others of itself; never a secret. */
export interface RunningInstance {
  readonly pid: number
  /** Where the browser host listens (without the launch token); absent under Electron. */
  readonly url?: string
  readonly kubeconfig?: string
  readonly sshConfig?: string
}

export interface DataDir {
  readonly path: string
  /** Publishes what `running` gives to other processes. */
  announce(instance: RunningInstance): void
  dispose(): void
}

/** Smallest free space with which starting makes sense: the first homelab's store and keys. */
const NEEDED_BYTES = 1_000_000

const instanceFile = (path: string) => join(path, 'instance.json')
const lockFile = (path: string) => join(path, 'instance.lock')

/**
 * SQLite's exclusive lock is the operating system's own on every platform and ends with the process that holds it,
 * however that ended: there is no stale lock to clean up. Undefined when somebody else holds it.
 */
const lock = (path: string): DatabaseSync | undefined => {
  const database = new DatabaseSync(lockFile(path))
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === 5) return undefined
    throw error
  }
}

/** The instance that uses the data directory right now, or undefined. Changes nothing. */
export const running = (path: string): RunningInstance | undefined => {
  let held: DatabaseSync | undefined
  try {
    // Opening would create the file: a directory nobody ever used stays as it is.
    if (!existsSync(lockFile(path))) return undefined
    held = lock(path)
  } catch {
    return undefined
  }
  if (held) {
    held.close()
    return undefined
  }
  try {
    return JSON.parse(readFileSync(instanceFile(path), 'utf8')) as RunningInstance
  } catch {
    return { pid: 0 }
  }
}

/** Locks of this process. Garbage collection closes a database nobody refers to, and its lock would be gone. */
const heldLocks = new Set<DatabaseSync>()

const probeSpace = (path: string) => {
  const probe = join(path, `.probe-${process.pid}`)
  const descriptor = openSync(probe, 'w', 0o600)
  try {
    const block = Buffer.alloc(NEEDED_BYTES)
    for (let written = 0; written < block.length;) written += writeSync(descriptor, block, written)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
    rmSync(probe, { force: true })
  }
}

const explain = (path: string, error: unknown): DataDirError => {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const full = code === 'ENOSPC' || code === 'EDQUOT' || (error as { errcode?: number }).errcode === 13
  if (full) return new DataDirError('full', `the disk under ${path} is full. Free some space, or choose another place with --data-dir DIR.`)
  return new DataDirError('unwritable', `cannot write to ${path} (${code || (error as Error).message}). Choose another place with --data-dir DIR.`)
}

/**
 * Creates the data directory (readable by its owner only) where needed and takes it for this process.
 * Throws DataDirError when it cannot be written, has no space, or another instance has it.
 */
export const openDataDir = (directory: string): DataDir => {
  const path = isAbsolute(directory) ? directory : resolve(directory)
  let held: DatabaseSync | undefined
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    if (process.platform !== 'win32') chmodSync(path, 0o700)
    probeSpace(path)
    held = lock(path)
  } catch (error) {
    throw explain(path, error)
  }
  if (!held) {
    const holder = running(path)
    const who = holder?.pid ? `k3lab (process ${holder.pid}${holder.url ? `, ${holder.url}` : ''})` : 'another k3lab'
    throw new DataDirError('busy', `${who} already uses ${path}. Stop that one first, or start this one elsewhere with --data-dir DIR.`)
  }
  heldLocks.add(held)
  rmSync(instanceFile(path), { force: true })
  return {
    path,
    announce: instance => {
      const temporary = `${instanceFile(path)}.new`
      writeFileSync(temporary, JSON.stringify(instance), { mode: 0o600 })
      renameSync(temporary, instanceFile(path))
    },
    dispose: () => {
      rmSync(instanceFile(path), { force: true })
      heldLocks.delete(held)
      held.close()
    },
  }
}
