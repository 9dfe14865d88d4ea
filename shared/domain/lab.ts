/** A lab as the renderer shows it: prose already in the wanted language, never an answer. */

/** pass: done; wait: moving towards it; fail: what is seen contradicts; error: could not look (never the student's fault). */
export type CheckValue = 'pass' | 'wait' | 'fail' | 'error'

export interface CheckResult {
  readonly value: CheckValue
  /** One sentence of what was seen, in the student's language. */
  readonly seen: string
}

export interface QuizField {
  readonly key: string
  readonly label: string
  readonly type: 'number' | 'text' | 'choice' | 'order' | 'sort'
  /** For choice: the options. For sort: the items. */
  readonly options?: readonly { readonly id: string; readonly label: string }[]
  /** For sort: the bins the items go into. */
  readonly bins?: readonly { readonly id: string; readonly label: string }[]
  readonly unit?: string
}

export interface LabStepText {
  readonly id: string
  readonly title: string
  readonly kind: 'do' | 'observe' | 'predict' | 'quiz'
  /** Markdown. */
  readonly body: string
  readonly quiz: readonly QuizField[]
  readonly hintCount: number
}

export interface LabText {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly minutes: number
  readonly objectives: readonly string[]
  readonly steps: readonly LabStepText[]
  /** Markdown, shown when every step has passed. */
  readonly debrief: string
}

export interface LabStepState {
  readonly id: string
  readonly passed: boolean
  readonly result: CheckResult
  /** A recognised wrong turn, in the student's language. */
  readonly diagnosis?: string
  readonly answers: Readonly<Record<string, string>>
  /** Hints opened so far, in Markdown. */
  readonly hints: readonly string[]
}

export interface LabState {
  readonly labId: string
  readonly status: 'new' | 'started' | 'finished'
  readonly steps: readonly LabStepState[]
}
