import type { Plugin } from '../framework.ts'

/** Keeps pods with scheduling gates out of the queue; the API server has written their PodScheduled condition. */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  preEnqueue: pod => {
    const gates = pod.spec.schedulingGates
    return gates?.length ? `waiting for scheduling gates: [${gates.map(gate => gate.name).join(' ')}]` : undefined
  },
  mayHelp: event => event.kind === 'SelfUpdated',
}
