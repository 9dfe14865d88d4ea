import type { Plugin } from '../framework.ts'
import { defaultPreemption } from './defaultPreemption.ts'
import { dynamicResources } from './dynamicResources.ts'
import { imageLocality } from './imageLocality.ts'
import { interPodAffinity } from './interPodAffinity.ts'
import { nodeAffinity } from './nodeAffinity.ts'
import { nodeName } from './nodeName.ts'
import { nodePorts } from './nodePorts.ts'
import { nodeResourcesBalancedAllocation } from './nodeResourcesBalancedAllocation.ts'
import { nodeResourcesFit } from './nodeResourcesFit.ts'
import { nodeUnschedulable } from './nodeUnschedulable.ts'
import { podTopologySpread } from './podTopologySpread.ts'
import { prioritySort } from './prioritySort.ts'
import { schedulingGates } from './schedulingGates.ts'
import { taintToleration } from './taintToleration.ts'
import { volumeBinding } from './volumeBinding.ts'

/** The default profile, in kube-scheduler's order: the first filter to reject a node names the reason. */
export const plugins: readonly Plugin[] = [
  schedulingGates,
  prioritySort,
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeBinding,
  podTopologySpread,
  interPodAffinity,
  dynamicResources,
  defaultPreemption,
  nodeResourcesBalancedAllocation,
  imageLocality,
]
