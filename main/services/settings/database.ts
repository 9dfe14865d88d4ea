import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { failure } from '../../../shared/domain/errors.ts'

/** k3lab's own settings, machines and clusters: small documents by collection and id. Holds no secret. */
export interface SettingsDatabase {
  read(collection: string, id: string): unknown
  /** In the order they were first written. */
  list(collection: string): readonly unknown[]
  /** Durable when it returns. Throws Failure (`storageFull`, `storageFailed`). */
  write(collection: string, id: string, document: unknown): void
  remove(collection: string, id: string): void
  dispose(): void
}

const SQLITE_FULL = 13

/** Opens `settings.db` in the data directory. */
export const openSettingsDatabase = (dataDir: string): SettingsDatabase => {
  const path = join(dataDir, 'settings.db')
  const attempt = <T>(action: () => T): T => {
    try {
      return action()
    } catch (error) {
      const full = (error as { errcode?: number }).errcode === SQLITE_FULL
      throw failure(full ? 'storageFull' : 'storageFailed', { path }, { detail: (error as Error).message, retryable: full })
    }
  }
  const database = attempt(() => {
    const opened = new DatabaseSync(path)
    opened.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS document (collection TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (collection, id)) STRICT;
    `)
    return opened
  })
  const statements = {
    read: database.prepare('SELECT body FROM document WHERE collection = ? AND id = ?'),
    list: database.prepare('SELECT body FROM document WHERE collection = ? ORDER BY rowid'),
    write: database.prepare('INSERT INTO document (collection, id, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body'),
    remove: database.prepare('DELETE FROM document WHERE collection = ? AND id = ?'),
  }
  const body = (row: unknown) => JSON.parse((row as { body: string }).body) as unknown
  return {
    read: (collection, id) => {
      const row = attempt(() => statements.read.get(collection, id))
      return row && body(row)
    },
    list: collection => attempt(() => statements.list.all(collection)).map(body),
    write: (collection, id, document) => void attempt(() => statements.write.run(collection, id, JSON.stringify(document))),
    remove: (collection, id) => void attempt(() => statements.remove.run(collection, id)),
    dispose: () => database.close(),
  }
}
