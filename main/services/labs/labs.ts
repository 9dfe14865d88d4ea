import type { LabState, LabText } from '../../../shared/domain/lab.ts'
import { failure } from '../../../shared/domain/errors.ts'
import type { WritableClusterConnection } from '../../kube/connection.ts'
import { stream } from '../stream.ts'
import type { CommandHistory } from './history.ts'
import { type Lab, loadCourse, quizFields } from './load.ts'
import { openProgress } from './progress.ts'
import { type LabRun, labRun, runState } from './run.ts'
import type { Locale } from './text.ts'
import { clusterTruth, objectType } from './truth.ts'

/** The labs of the course, as the contract's `labs` offers them. */
export interface LabsService {
  list(input: { readonly locale: Locale }): readonly { readonly text: LabText; readonly status: LabState['status'] }[]
  get(input: { readonly labId: string; readonly locale: Locale }): LabText
  /** The state now, and again whenever it changed, until the signal aborts. */
  watch(input: { readonly labId: string; readonly locale: Locale }, signal?: AbortSignal): AsyncGenerator<LabState, void>
  start(input: { readonly labId: string }): Promise<void>
  reset(input: { readonly labId: string }): Promise<void>
  answer(input: { readonly labId: string; readonly stepId: string; readonly answers: Readonly<Record<string, string>> }): Promise<void>
  hint(input: { readonly labId: string; readonly stepId: string }): Promise<void>
  check(input: { readonly labId: string; readonly stepId: string }): Promise<void>
  dispose(): void
}

export interface LabsOptions {
  /** Where the labs stand: `resources/labs`. */
  readonly course: string
  readonly dataDir: string
  /** The cluster the labs are done on; asked for when a lab is first looked at. */
  readonly cluster: () => WritableClusterConnection
  readonly history: CommandHistory
  readonly now?: () => number
}

/** Opens the course and the progress. Throws LabFormatError on a lab that cannot be read, Failure when progress cannot be kept. */
export const labsService = ({ course, dataDir, cluster, history, now = Date.now }: LabsOptions): LabsService => {
  const labs = new Map(loadCourse(course).map(lab => [lab.spec.id, lab]))
  const progress = openProgress(dataDir)
  const runs = new Map<string, LabRun>()
  /** Told when a lab was started or reset, so that those who watch take up the new run. */
  const turns = new Map<string, Set<() => void>>()
  let truth: ReturnType<typeof clusterTruth> | undefined

  const labOf = (labId: string): Lab => {
    const lab = labs.get(labId)
    if (!lab) throw failure('invalidInput', { field: 'labId' })
    return lab
  }
  const stepOf = (labId: string, stepId: string) => {
    if (!labOf(labId).spec.steps.some(step => step.id === stepId)) throw failure('invalidInput', { field: 'stepId' })
  }
  const turn = (labId: string) => turns.get(labId)?.forEach(listener => listener())

  /** Undefined while the lab has not been started. */
  const runOf = (labId: string): LabRun | undefined => {
    const lab = labOf(labId)
    if (!progress.lab(labId)) return undefined
    let run = runs.get(labId)
    if (!run) {
      truth ??= clusterTruth(cluster())
      run = labRun({ lab, progress, truth, history, now })
      runs.set(labId, run)
    }
    return run
  }
  const started = (labId: string, stepId: string): LabRun => {
    stepOf(labId, stepId)
    const run = runOf(labId)
    if (!run) throw failure('invalidInput', { field: 'labId' }, { detail: `${labId} has not been started` })
    return run
  }

  const watch: LabsService['watch'] = ({ labId, locale }, signal) => {
    const lab = labOf(labId)
    let last = ''
    return stream<LabState>(
      signal,
      ({ push }) => {
        let stopRun: (() => void) | undefined
        const tell = () => {
          const state = runs.get(labId)?.state(locale) ?? runState(lab, progress, locale)
          const text = JSON.stringify(state)
          if (text !== last) push(state)
          last = text
        }
        const take = () => {
          stopRun?.()
          stopRun = runOf(labId)?.onChange(tell)
          tell()
        }
        const listeners = turns.get(labId) ?? new Set()
        turns.set(labId, listeners.add(take))
        take()
        return () => {
          stopRun?.()
          listeners.delete(take)
        }
      },
      (_waiting, next) => next,
    )
  }

  // A lab that was under way goes on looking, also while nobody has its page open.
  for (const labId of labs.keys()) if (progress.lab(labId) && !progress.lab(labId)!.finishedAt) queueMicrotask(() => runOf(labId))

  return {
    list: ({ locale }) => [...labs.values()].map(lab => ({ text: labText(lab, locale), status: runState(lab, progress, locale).status })),
    get: ({ labId, locale }) => labText(labOf(labId), locale),
    watch,
    start: async ({ labId }) => {
      labOf(labId)
      if (progress.lab(labId)) return
      const lines = await history.read().catch(() => ({}))
      const historyBaseline = Object.fromEntries(Object.entries(lines).map(([name, all]) => [name, all.length]))
      progress.saveLab(labId, { startedAt: new Date(now()).toISOString(), historyBaseline })
      runOf(labId)
      turn(labId)
    },
    reset: async ({ labId }) => {
      const { spec } = labOf(labId)
      for (const { gvk, ns, name } of spec.makes) await cluster().delete(objectType(gvk), name, ns)
      runs.get(labId)?.dispose()
      runs.delete(labId)
      progress.forget(labId)
      turn(labId)
    },
    answer: ({ labId, stepId, answers }) => started(labId, stepId).answer(stepId, answers),
    hint: async ({ labId, stepId }) => started(labId, stepId).hint(stepId),
    check: ({ labId, stepId }) => started(labId, stepId).look(),
    dispose: () => {
      for (const run of runs.values()) run.dispose()
      truth?.dispose()
      progress.dispose()
    },
  }
}

/** What a student may read of a lab: never an answer. */
const labText = ({ spec, prose }: Lab, locale: Locale): LabText => {
  const words = prose[locale]
  return {
    id: spec.id,
    title: words.title,
    summary: words.summary,
    minutes: spec.minutes.estimate,
    objectives: spec.objectives.map(objective => words.objectives[objective.id]!),
    steps: spec.steps.map(step => {
      const text = words.steps[step.id]!
      return {
        id: step.id,
        title: text.title,
        kind: step.kind,
        body: text.body,
        quiz: quizFields(step.check).map(field => {
          const { label, unit, options, bins } = text.quiz[field.key]!
          const listed = options.map(({ id, label: name }) => ({ id, label: name }))
          return {
            key: field.key,
            label,
            type: field.type,
            ...(unit ? { unit } : {}),
            ...(listed.length > 0 ? { options: listed } : {}),
            ...(bins.length > 0 ? { bins } : {}),
          }
        }),
        hintCount: text.hints.length,
        runHint: step.runHint,
      }
    }),
    debrief: words.debrief,
  }
}
