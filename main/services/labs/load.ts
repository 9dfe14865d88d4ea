import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type LabProse, readProse } from './prose.ts'
import { type CheckSpec, type LabSpec, labSpec, type QuizFieldSpec } from './schema.ts'
import type { Locale } from './text.ts'

export interface Lab {
  readonly spec: LabSpec
  readonly prose: Readonly<Record<Locale, LabProse>>
}

/** A lab that cannot be used: what is wrong, and where. */
export class LabFormatError extends Error {
  readonly code = 'LAB_FORMAT'
  readonly problems: readonly string[]

  constructor(folder: string, problems: readonly string[]) {
    super(`${folder}: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/** Reads one lab's folder. Throws LabFormatError naming every mistake of `lab.yaml`. */
export const loadLab = (folder: string): Lab => {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  let raw: unknown
  try {
    raw = parse(read('lab.yaml'))
  } catch (error) {
    throw new LabFormatError(folder, [`lab.yaml: ${(error as Error).message}`])
  }
  const parsed = labSpec.safeParse(raw)
  if (!parsed.success)
    throw new LabFormatError(
      folder,
      parsed.error.issues.map(issue => `lab.yaml: ${issue.path.join('.') || '(top)'}: ${issue.message}`),
    )
  return { spec: parsed.data, prose: { ko: readProse(read('ko.md')), en: readProse(read('en.md')) } }
}

/** The labs under a folder, in the order of `course.yaml`. */
export const loadCourse = (folder: string): readonly Lab[] => {
  const { labs } = parse(readFileSync(join(folder, 'course.yaml'), 'utf8')) as { labs: readonly string[] }
  return labs.map(id => loadLab(join(folder, id)))
}

/** The lab folders that exist, whether `course.yaml` names them or not. */
export const labFolders = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && /^[A-Z][0-9]{2}/.test(entry.name))
    .map(entry => entry.name)
    .sort()

/** Every leaf of a check tree, with its name. */
export const leavesOf = (spec: CheckSpec): readonly CheckSpec[] =>
  'all' in spec ? spec.all.flatMap(leavesOf) : 'any' in spec ? spec.any.flatMap(leavesOf) : 'none' in spec ? spec.none.flatMap(leavesOf) : [spec]

/** The questions a step asks, wherever in its check they stand. */
export const quizFields = (check: CheckSpec): readonly QuizFieldSpec[] => leavesOf(check).flatMap(leaf => ('quiz' in leaf ? leaf.quiz.fields : []))
