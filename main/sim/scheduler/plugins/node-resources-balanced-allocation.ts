import { MAX_NODE_SCORE } from '../framework.ts'
import type { Plugin } from '../framework.ts'

const balance = (cpu: number, memory: number, cpuAllocatable: number, memoryAllocatable: number): number => {
  // With one resource only there is nothing to balance.
  if (cpuAllocatable === 0 || memoryAllocatable === 0) return MAX_NODE_SCORE
  const spread = Math.abs((Math.min(1, cpu / cpuAllocatable) - Math.min(1, memory / memoryAllocatable)) / 2)
  return Math.trunc((1 - spread) * MAX_NODE_SCORE)
}

/** Prefers nodes where the pod evens out the shares of CPU and memory in use. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  preScore: ({ requests }) => {
    if (requests.cpu === 0 && requests.memory === 0) return undefined
    return {
      score: ({ requested, allocatable }) => {
        const before = balance(requested.cpu, requested.memory, allocatable.cpu, allocatable.memory)
        const after = balance(requested.cpu + requests.cpu, requested.memory + requests.memory, allocatable.cpu, allocatable.memory)
        return MAX_NODE_SCORE / 2 + Math.trunc((MAX_NODE_SCORE / 2 + after - before) / 2)
      },
    }
  },
}
