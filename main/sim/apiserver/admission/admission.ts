import type { RequestContext } from '../request.ts'

/** An admission plugin, as in kube-apiserver's --enable-admission-plugins. Adding one: a file, and a line in `index.ts`. */
export interface AdmissionPlugin {
  readonly name: string
  /** May change `context.candidate`. Throws ApiError to refuse. */
  mutate?(context: RequestContext): void
  /** Throws ApiError to refuse. */
  validate?(context: RequestContext): void
}
