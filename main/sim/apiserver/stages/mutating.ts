import type { AdmissionPlugin } from '../admission/admission.ts'
import type { Stage } from '../pipeline.ts'

/** Decodes, defaults, lets the mutating admission plugins change the draft, and resets what belongs to the server. */
export const mutating = (plugins: readonly AdmissionPlugin[]): Stage => ({
  name: 'mutating',
  run: context => {
    const { plan } = context
    if (!plan.operation) return
    plan.draft?.(context)
    for (const plugin of plugins) plugin.mutate?.(context)
    plan.prepare?.(context)
  },
})
