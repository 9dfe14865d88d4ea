import type { CheckSpec, QuizFieldSpec } from '../schema.ts'
import type { LabProse } from '../prose.ts'
import type { Locale, Outcome } from '../text.ts'
import type { ClusterTruth } from '../truth.ts'

/** What a leaf may look at. Plain data and reads; a check changes nothing but its own evidence. */
export interface CheckContext {
  readonly truth: ClusterTruth
  /** When the lab was started; what happened before does not count. RFC 3339. */
  readonly since: string
  /** Command lines run since then. Rejects when no machine's history could be read. */
  readonly commands: () => Promise<readonly string[]>
  readonly answers: Readonly<Record<string, string>>
  readonly fields: readonly QuizFieldSpec[]
  readonly quizProse: Readonly<Record<Locale, LabProse['steps'][string]['quiz']>>
  /** What this leaf remembers between looks, kept with the progress. */
  readonly evidence: { get(key: string): unknown; set(key: string, value: unknown): void }
  /** Wall clock in milliseconds since the epoch. */
  readonly now: () => number
}

/** The name of a leaf: its key in `lab.yaml`. */
export type LeafName = Exclude<CheckSpec extends infer S ? (S extends unknown ? keyof S : never) : never, 'all' | 'any' | 'none'> & string
type LeafSpec<Name extends LeafName> = Extract<CheckSpec, { readonly [K in Name]: unknown }>[Name]

/** One kind of look. To add one: a file here, a line in `index.ts`, its form in `../schema.ts`. */
export interface Leaf<Name extends LeafName> {
  readonly name: Name
  evaluate(spec: LeafSpec<Name>, context: CheckContext): Promise<Outcome>
  /** Expressions and patterns of a spec, for the lint: each is parsed before anybody meets it. */
  readonly expressions?: (spec: LeafSpec<Name>) => readonly string[]
}
