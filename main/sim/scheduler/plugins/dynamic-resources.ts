import type { Plugin } from '../framework.ts'

/** Device claims. Pods without any are none of its business, but when nothing fits it says so before preemption speaks. */
export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  postFilter: () => ({ message: 'no new claims to deallocate' }),
}
