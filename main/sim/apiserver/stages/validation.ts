import type { Stage } from '../pipeline.ts'

/** Is it right: metadata, and the kind's own rules. */
export const validation: Stage = {
  name: 'validation',
  run: context => context.plan.validate?.(context),
}
