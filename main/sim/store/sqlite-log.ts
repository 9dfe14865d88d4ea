import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** One revision as it stands in the log; `value` is null where the key was deleted. */
interface LogRow {
  readonly revision: number
  /** `<group>/<resource>`. */
  readonly bucket: string
  /** `<namespace>/<name>`, or `<name>`. */
  readonly key: string
  readonly value: object | null
}

/**
 * The durable side of the store: revisions appended to one SQLite table, as kine lays them out. Everything appended
 * between two flushes goes down in one transaction. A write is durable once its transaction is in the write-ahead log
 * (synchronous=NORMAL: it survives the death of the process).
 */
export interface SqliteLog {
  /** How often this data directory was opened, this time included: makes random streams differ between runs of a seed. */
  readonly boot: number
  /** History up to and including this revision has been given up. */
  readonly compacted: number
  /** Everything the log holds, oldest first. */
  load(): Iterable<{ readonly revision: number; readonly bucket: string; readonly key: string; readonly value: string | null }>
  append(row: LogRow): void
  /** Forgets superseded revisions and records up to where history is gone. Goes down with the next flush. */
  compact(revision: number, superseded: readonly number[]): void
  /** Writes what waits; throws what SQLite throws (disk full, I/O error) and keeps it all waiting then. */
  flush(): void
  readonly waiting: number
  close(): void
}

/** Opens (or makes) the log in `file`; `:memory:` keeps nothing. Throws when the file is not a database of ours. */
export const openSqliteLog = (file: string): SqliteLog => {
  const db = new DatabaseSync(file)
  // Objects of some kilobytes: large pages, and a checkpoint only every 32 MiB, halve the cost of a write.
  db.exec('PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 2000; PRAGMA busy_timeout = 2000')
  db.exec(`CREATE TABLE IF NOT EXISTS log (revision INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, value TEXT);
    CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO state VALUES ('boot', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1;`)
  const numberOf = (name: string) => Number(db.prepare('SELECT value FROM state WHERE name = ?').get(name)?.['value'] ?? 0)
  const statement = (sql: string): StatementSync => db.prepare(sql)
  const insert = statement('INSERT INTO log VALUES (?, ?, ?, ?)')
  const forget = statement('DELETE FROM log WHERE revision = ?')
  const keep = statement('INSERT OR REPLACE INTO state VALUES (?, ?)')
  let rows: LogRow[] = []
  let superseded: number[] = []
  let compacted = numberOf('compacted')
  let compactedOnDisk = compacted

  return {
    boot: numberOf('boot'),
    get compacted() {
      return compacted
    },
    get waiting() {
      return rows.length
    },
    load: function* () {
      for (const row of statement('SELECT revision, bucket, key, value FROM log ORDER BY revision').iterate())
        yield row as unknown as { revision: number; bucket: string; key: string; value: string | null }
    },
    append: row => {
      rows.push(row)
    },
    compact: (revision, old) => {
      compacted = revision
      for (const number of old) superseded.push(number)
    },
    flush: () => {
      if (rows.length === 0 && superseded.length === 0 && compacted === compactedOnDisk) return
      db.exec('BEGIN IMMEDIATE')
      try {
        for (const { revision, bucket, key, value } of rows) insert.run(revision, bucket, key, value === null ? null : JSON.stringify(value))
        for (const revision of superseded) forget.run(revision)
        if (compacted !== compactedOnDisk) keep.run('compacted', compacted)
        db.exec('COMMIT')
      } catch (error) {
        // A full disk may have rolled back already; then ROLLBACK itself complains.
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
      rows = []
      superseded = []
      compactedOnDisk = compacted
    },
    close: () => db.close(),
  }
}
