import type { LabState, LabStepState } from '../../../shared/domain/lab.ts'
import type { CheckContext } from './checks/check.ts'
import { tableRows } from './checks/quiz.ts'
import { evaluate } from './evaluate.ts'
import { type CommandHistory, since } from './history.ts'
import { type Lab, leavesOf, quizFields } from './load.ts'
import type { LabProgress } from './progress.ts'
import type { StepSpec } from './schema.ts'
import { type Locale, type Outcome, outcome } from './text.ts'
import type { ClusterTruth } from './truth.ts'

/** A lab that a student has started and not finished: it looks whenever something changed. State, then events, then verbs. */
export interface LabRun {
  state(locale: Locale): LabState
  onChange(listener: () => void): () => void
  answer(stepId: string, answers: Readonly<Record<string, string>>): Promise<void>
  hint(stepId: string): void
  /** Looks once, now; resolves when every step was looked at. */
  look(): Promise<void>
  dispose(): void
}

export interface RunOptions {
  readonly lab: Lab
  readonly progress: LabProgress
  readonly truth: ClusterTruth
  readonly history: CommandHistory
  /** Wall clock in milliseconds since the epoch. */
  readonly now: () => number
}

/** A burst of watch events is one look. */
const DEBOUNCE_MS = 250
/** Shell histories have no watch; a command shows within this time. */
const HISTORY_POLL_MS = 2000

const notLooked = outcome('wait', '아직 살펴보지 않았습니다.', 'Not looked at yet.')

interface Live {
  found: Outcome
  heldSince?: number
  diagnosis?: string
  tables: LabStepState['tables']
}

export const labRun = ({ lab, progress, truth, history, now }: RunOptions): LabRun => {
  const { spec, prose } = lab
  const record = progress.lab(spec.id)!
  const live = new Map<string, Live>(spec.steps.map(step => [step.id, { found: notLooked, tables: {} }]))
  const listeners = new Set<() => void>()
  const stepOf = (id: string) => progress.step(spec.id, id)
  const passed = (step: StepSpec) => stepOf(step.id).passedAt !== undefined
  const open = () => spec.steps.filter(step => !passed(step))
  let commands: Promise<readonly string[]> | undefined
  let lastCommands = ''
  let looking: Promise<void> | undefined
  let again = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let holdTimer: ReturnType<typeof setTimeout> | undefined
  let disposed = false

  const readCommands = () => (commands ??= history.read().then(lines => since(lines, record.historyBaseline)))

  const lookAt = async (step: StepSpec): Promise<void> => {
    const before = stepOf(step.id)
    const one = live.get(step.id)!
    const evidence = { ...before.evidence }
    const context: CheckContext = {
      truth,
      since: record.startedAt,
      commands: readCommands,
      answers: before.answers,
      fields: quizFields(step.check),
      quizProse: { ko: prose.ko.steps[step.id]!.quiz, en: prose.en.steps[step.id]!.quiz },
      evidence: { get: key => evidence[key], set: (key, value) => void (evidence[key] = value) },
      now,
    }
    let found = await evaluate(step.check, context)
    if (step.hold === undefined || found.value !== 'pass') one.heldSince = undefined
    else {
      one.heldSince ??= now()
      const left = Math.ceil(step.hold - (now() - one.heldSince) / 1000)
      if (left > 0) {
        found = {
          ...found,
          value: 'wait',
          seen: {
            ko: `${found.seen.ko} 이 상태가 ${step.hold}초 동안 이어지는지 봅니다.`,
            en: `${found.seen.en} Watching whether it stays so for ${step.hold} s.`,
          },
        }
        clearTimeout(holdTimer)
        holdTimer = setTimeout(() => void look(), left * 1000 + 10)
      }
    }
    one.found = found
    one.diagnosis = undefined
    one.tables = await tablesOf(step, context)
    if (found.value !== 'pass')
      for (const rule of step.diagnose)
        if ((await evaluate(rule.when, context)).value === 'pass') {
          one.diagnosis = rule.id
          break
        }
    // An answer or a hint may have come while this look was under way.
    const fresh = stepOf(step.id)
    if (disposed || (found.value !== 'pass' && JSON.stringify(evidence) === JSON.stringify(before.evidence))) return
    progress.saveStep(spec.id, step.id, {
      ...fresh,
      evidence,
      ...(found.value === 'pass' ? { passedAt: new Date(now()).toISOString(), seen: found.seen } : {}),
    })
  }

  const tablesOf = async (step: StepSpec, context: CheckContext): Promise<LabStepState['tables']> => {
    const tables: Record<string, { rows: readonly string[]; options: readonly string[] }> = {}
    for (const field of quizFields(step.check)) {
      if (field.type !== 'table') continue
      try {
        const { rows, options } = await tableRows(field, context)
        tables[field.key] = { rows: rows.map(row => row.id), options }
      } catch {
        // The check of the same step already says that nothing can be seen.
      }
    }
    return tables
  }

  const lookOnce = async (): Promise<void> => {
    do {
      again = false
      commands = undefined
      for (const step of open()) await lookAt(step)
      if (disposed) return
      if (open().length === 0 && !progress.lab(spec.id)?.finishedAt) {
        progress.saveLab(spec.id, { ...record, finishedAt: new Date(now()).toISOString() })
        stop()
      }
      for (const listener of listeners) listener()
    } while (again)
  }

  const look = (): Promise<void> => {
    if (disposed) return Promise.resolve()
    clearTimeout(timer)
    timer = undefined
    if (looking) {
      again = true
      return looking
    }
    looking = lookOnce().finally(() => (looking = undefined))
    return looking
  }

  const soon = () => {
    timer ??= setTimeout(() => void look(), DEBOUNCE_MS)
  }

  const reads = (step: StepSpec) => [step.check, ...step.diagnose.map(rule => rule.when)].flatMap(leavesOf).some(leaf => 'hist' in leaf)
  const poll = setInterval(() => {
    if (looking || !open().some(reads)) return
    history.read().then(
      lines => {
        const seen = JSON.stringify(lines)
        if (seen !== lastCommands) soon()
        lastCommands = seen
      },
      () => soon(),
    )
  }, HISTORY_POLL_MS)
  const stopTruth = truth.onChange(soon)
  const stop = () => {
    clearInterval(poll)
    clearTimeout(timer)
    clearTimeout(holdTimer)
    stopTruth()
  }
  if (open().length > 0) soon()
  else stop()

  return {
    state: locale => runState(lab, progress, locale, live),
    onChange: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    answer: async (stepId, answers) => {
      const before = stepOf(stepId)
      if (before.passedAt !== undefined) return
      progress.saveStep(spec.id, stepId, { ...before, answers: { ...before.answers, ...answers } })
      await look()
    },
    hint: stepId => {
      const before = stepOf(stepId)
      const count = Math.min(before.hints + 1, prose.ko.steps[stepId]!.hints.length)
      progress.saveStep(spec.id, stepId, { ...before, hints: count })
      for (const listener of listeners) listener()
    },
    look,
    dispose: () => {
      disposed = true
      stop()
      listeners.clear()
    },
  }
}

/** What the renderer is told. A passed step keeps the sentence it passed with. */
export const runState = (lab: Lab, progress: LabProgress, locale: Locale, live?: ReadonlyMap<string, Live>): LabState => {
  const record = progress.lab(lab.spec.id)
  return {
    labId: lab.spec.id,
    status: record === undefined ? 'new' : record.finishedAt === undefined ? 'started' : 'finished',
    steps: lab.spec.steps.map(step => {
      const kept = progress.step(lab.spec.id, step.id)
      const one = live?.get(step.id)
      const words = lab.prose[locale].steps[step.id]!
      const passed = kept.passedAt !== undefined
      const found = one?.found ?? notLooked
      const marks = passed ? Object.fromEntries(Object.keys(kept.answers).map(key => [key, { right: true as const }])) : (found.marks ?? {})
      return {
        id: step.id,
        passed,
        result: passed ? { value: 'pass', seen: kept.seen?.[locale] ?? '' } : { value: found.value, seen: found.seen[locale] },
        ...(one?.diagnosis && !passed ? { diagnosis: words.wrong[one.diagnosis]! } : {}),
        answers: kept.answers,
        marks: Object.fromEntries(
          Object.entries(marks).map(([key, mark]) => [key, { right: mark.right, ...('why' in mark && mark.why ? { why: mark.why[locale] } : {}) }]),
        ),
        tables: one?.tables ?? {},
        hints: words.hints.slice(0, kept.hints),
      }
    }),
  }
}
