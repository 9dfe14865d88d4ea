import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { failure } from '../../../shared/domain/errors.ts'

interface LabRecord {
  /** RFC 3339. */
  readonly startedAt: string
  readonly finishedAt?: string
  /** Lines in each machine's shell history when the lab began. */
  readonly historyBaseline: Readonly<Record<string, number>>
}

interface StepRecord {
  readonly passedAt?: string
  /** What was seen when it passed, in every language. */
  readonly seen?: Readonly<Record<string, string>>
  readonly answers: Readonly<Record<string, string>>
  readonly hints: number
  readonly evidence: Readonly<Record<string, unknown>>
}

/** What a student did in the labs. Durable when a verb returns. */
export interface LabProgress {
  lab(labId: string): LabRecord | undefined
  step(labId: string, stepId: string): StepRecord
  saveLab(labId: string, record: LabRecord): void
  saveStep(labId: string, stepId: string, record: StepRecord): void
  forget(labId: string): void
  dispose(): void
}

const NOTHING: StepRecord = { answers: {}, hints: 0, evidence: {} }

/** Opens `labs.db` in the data directory; write-ahead log with full sync, so that progress survives a kill. Throws Failure. */
export const openProgress = (dataDir: string): LabProgress => {
  const path = join(dataDir, 'labs.db')
  const attempt = <T>(action: () => T): T => {
    try {
      return action()
    } catch (error) {
      // 13 is SQLITE_FULL.
      const full = (error as { errcode?: number }).errcode === 13
      throw failure(full ? 'storageFull' : 'storageFailed', { path }, { detail: (error as Error).message, retryable: full })
    }
  }
  const database = attempt(() => {
    const opened = new DatabaseSync(path)
    opened.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS lab (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS step (lab TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (lab, id)) STRICT;
    `)
    return opened
  })
  const statements = {
    lab: database.prepare('SELECT record FROM lab WHERE id = ?'),
    step: database.prepare('SELECT record FROM step WHERE lab = ? AND id = ?'),
    saveLab: database.prepare('INSERT INTO lab VALUES (?, ?) ON CONFLICT DO UPDATE SET record = excluded.record'),
    saveStep: database.prepare('INSERT INTO step VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record'),
    forgetLab: database.prepare('DELETE FROM lab WHERE id = ?'),
    forgetSteps: database.prepare('DELETE FROM step WHERE lab = ?'),
  }
  const record = <T>(row: unknown): T | undefined => (row ? (JSON.parse((row as { record: string }).record) as T) : undefined)
  return {
    lab: labId => record<LabRecord>(attempt(() => statements.lab.get(labId))),
    step: (labId, stepId) => record<StepRecord>(attempt(() => statements.step.get(labId, stepId))) ?? NOTHING,
    saveLab: (labId, lab) => void attempt(() => statements.saveLab.run(labId, JSON.stringify(lab))),
    saveStep: (labId, stepId, step) => void attempt(() => statements.saveStep.run(labId, stepId, JSON.stringify(step))),
    forget: labId =>
      attempt(() => {
        database.exec('BEGIN IMMEDIATE')
        statements.forgetSteps.run(labId)
        statements.forgetLab.run(labId)
        database.exec('COMMIT')
      }),
    dispose: () => database.close(),
  }
}
