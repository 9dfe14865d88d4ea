/** A lab as the renderer shows it: prose already in the wanted language, never an answer. */

/** pass: done; wait: moving towards it; fail: what is seen contradicts; error: could not look (never the student's fault). */
export type CheckValue = 'pass' | 'wait' | 'fail' | 'error'

interface CheckResult {
  readonly value: CheckValue
  /** What was seen, in the student's language: a sentence or a few. */
  readonly seen: string
}

export interface QuizOption {
  readonly id: string
  readonly label: string
}

export interface QuizField {
  readonly key: string
  readonly label: string
  readonly type: 'number' | 'text' | 'choice' | 'order' | 'sort' | 'table'
  /** For choice: the options. For order and sort: the items. */
  readonly options?: readonly QuizOption[]
  /** For sort: the bins the items go into. */
  readonly bins?: readonly QuizOption[]
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
  /** What the page may offer beside a command in the text: nothing, copying it, or putting it into the terminal. */
  readonly runHint: 'none' | 'copy' | 'insert'
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
  /** A recognised wrong turn, in Markdown in the student's language. */
  readonly diagnosis?: string
  /** By field; order is a JSON array of option ids, sort and table are JSON objects from item to bin and from row to option. */
  readonly answers: Readonly<Record<string, string>>
  /** By answered field: is it right, and if not, why (where the author says). */
  readonly marks: Readonly<Record<string, { readonly right: boolean; readonly why?: string }>>
  /** Of table fields: the live rows, and what can be put into each. */
  readonly tables: Readonly<Record<string, { readonly rows: readonly string[]; readonly options: readonly string[] }>>
  /** Hints opened so far, in Markdown. */
  readonly hints: readonly string[]
}

export interface LabState {
  readonly labId: string
  readonly status: 'new' | 'started' | 'finished'
  readonly steps: readonly LabStepState[]
}
