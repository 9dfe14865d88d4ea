import type { Stage } from '../pipeline.ts'

/** Reads or writes, and has the answer. */
export const store: Stage = {
  name: 'store',
  run: context => {
    const answer = context.plan.commit(context)
    if (answer instanceof Promise)
      return answer.then(value => {
        context.answer = value
      })
    context.answer = answer
    return undefined
  },
}
