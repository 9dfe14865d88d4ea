import { DatabaseSync } from 'node:sqlite'

/** One changed path of a machine's disk. `kind` 'absent' hides a file that every fresh disk has. */
export type StoredPath =
  | { readonly path: string; readonly kind: 'absent' }
  | {
      readonly path: string
      readonly kind: 'file' | 'directory' | 'symlink'
      readonly mode: number
      readonly uid: number
      readonly gid: number
      readonly mtime: number
      readonly content: Uint8Array
    }

/** Where a machine keeps what has to survive the end of the process. Every call is durable when it returns. */
export interface MachinePersistence {
  /** Changed paths, parents before children. */
  paths(): readonly StoredPath[]
  savePaths(paths: readonly StoredPath[]): void
  /** Small facts: power, boot, disabled units, journal tail. */
  fact(key: string): string | undefined
  saveFacts(facts: Readonly<Record<string, string>>): void
}

/** All machines of one homelab in one SQLite file. */
export interface MachineStore {
  forMachine(name: string): MachinePersistence
  close(): void
}

/** Opens (and makes) the file; `:memory:` keeps nothing. Throws what SQLite says when the file cannot be used. */
export const openMachineStore = (file: string): MachineStore => {
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;
    CREATE TABLE IF NOT EXISTS paths (machine TEXT, path TEXT, kind TEXT NOT NULL, mode INTEGER, uid INTEGER, gid INTEGER, mtime REAL, content BLOB, PRIMARY KEY (machine, path)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS facts (machine TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (machine, key)) WITHOUT ROWID;`)
  const select = database.prepare('SELECT path, kind, mode, uid, gid, mtime, content FROM paths WHERE machine = ? ORDER BY path')
  const upsert = database.prepare('INSERT OR REPLACE INTO paths VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const selectFact = database.prepare('SELECT value FROM facts WHERE machine = ? AND key = ?')
  const upsertFact = database.prepare('INSERT OR REPLACE INTO facts VALUES (?, ?, ?)')
  const transaction = (work: () => void) => {
    database.exec('BEGIN IMMEDIATE')
    try {
      work()
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
  return {
    forMachine: name => ({
      paths: () => select.all(name) as unknown as StoredPath[],
      savePaths: paths =>
        transaction(() => {
          for (const entry of paths) {
            if (entry.kind === 'absent') upsert.run(name, entry.path, entry.kind, null, null, null, null, null)
            else upsert.run(name, entry.path, entry.kind, entry.mode, entry.uid, entry.gid, entry.mtime, entry.content)
          }
        }),
      fact: key => (selectFact.get(name, key) as { value: string } | undefined)?.value,
      saveFacts: facts =>
        transaction(() => {
          for (const [key, value] of Object.entries(facts)) upsertFact.run(name, key, value)
        }),
    }),
    close: () => database.close(),
  }
}
