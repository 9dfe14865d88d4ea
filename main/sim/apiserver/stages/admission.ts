import type { AdmissionPlugin } from '../admission/admission.ts'
import type { Stage } from '../pipeline.ts'

/** Is it wanted: the plugins that only say yes or no. */
export const admission = (plugins: readonly AdmissionPlugin[]): Stage => ({
  name: 'admission',
  run: context => {
    if (!context.plan.operation) return
    for (const plugin of plugins) plugin.validate?.(context)
  },
  detail: ({ plan }) =>
    plan.operation
      ? plugins
          .filter(plugin => plugin.validate)
          .map(plugin => plugin.name)
          .join(', ')
      : undefined,
})
