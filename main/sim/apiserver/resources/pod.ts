import type { ResourceDefinition } from '../definition.ts'
import { compareQuantities } from '../schema/quantity.ts'
import { rfc3339 } from '../../time/clock.ts'
import { dns1123Subdomain } from './names.ts'
import { defaultPod } from './poddefaults.ts'
import { podCells } from './podtable.ts'
import { validatePod, validatePodStatusUpdate, validatePodUpdate } from './podvalidation.ts'
import { podWarnings } from './podwarnings.ts'
import { ageColumn, column, nameColumn } from './print.ts'
import type { Pod, PodSpec } from './types.ts'

const COMPUTE = ['cpu', 'memory'] as const

/** Quality of service of a pod (pkg/apis/core/v1/helper/qos.ComputePodQOS). */
export const qosClass = (spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' => {
  const owners =
    spec.resources?.requests || spec.resources?.limits ? [{ resources: spec.resources }] : [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  let any = false
  let guaranteed = owners.length > 0
  for (const { resources } of owners) {
    for (const name of COMPUTE) {
      const request = resources?.requests?.[name]
      const limit = resources?.limits?.[name]
      const counts = (value: string | number | undefined) => value !== undefined && compareQuantities(value, 0) > 0
      if (counts(request) || counts(limit)) any = true
      if (!counts(limit) || (request !== undefined && compareQuantities(request, limit!) !== 0)) guaranteed = false
    }
  }
  return !any ? 'BestEffort' : guaranteed ? 'Guaranteed' : 'Burstable'
}

const DEFAULT_GRACE_SECONDS = 30

export const pod: ResourceDefinition<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  resource: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Pod',
  storageVersionHash: 'xPOwRZ+Yhw8=',
  validateName: dns1123Subdomain,
  generation: true,
  subresources: ['attach', 'binding', 'eviction', 'exec', 'log', 'portforward', 'status'],
  defaults: ({ spec, status }) => {
    defaultPod(spec)
    if (!status) return
    // The singular of the addresses is what older clients write.
    if (status.podIP && !status.podIPs?.length) status.podIPs = [{ ip: status.podIP }]
  },
  prepareForCreate: (draft, { now }) => {
    draft.status = { phase: 'Pending', qosClass: qosClass(draft.spec) }
    if (draft.spec.schedulingGates?.length) {
      draft.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          lastProbeTime: null as never,
          lastTransitionTime: rfc3339(now),
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        },
      ]
    }
    for (const constraint of draft.spec.topologySpreadConstraints ?? []) {
      for (const key of constraint.matchLabelKeys ?? []) {
        const value = draft.metadata.labels?.[key]
        if (value === undefined) continue
        constraint.labelSelector ??= {}
        constraint.labelSelector.matchExpressions = [...(constraint.labelSelector.matchExpressions ?? []), { key, operator: 'In', values: [value] }]
      }
    }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status
  },
  warnings: podWarnings,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  gracePeriod: ({ spec, status }, requested) => {
    // What no kubelet runs needs no time to end.
    if (!spec.nodeName || status.phase === 'Succeeded' || status.phase === 'Failed') return 0
    const seconds = requested ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS
    return seconds < 0 ? 1 : seconds
  },
  selectableFields: {
    'spec.nodeName': object => object.spec.nodeName ?? '',
    'spec.restartPolicy': object => object.spec.restartPolicy ?? '',
    'spec.schedulerName': object => object.spec.schedulerName ?? '',
    'spec.serviceAccountName': object => object.spec.serviceAccountName ?? '',
    'spec.hostNetwork': object => String(object.spec.hostNetwork ?? false),
    'status.phase': object => object.status.phase ?? '',
    'status.podIP': object => object.status.podIPs?.[0]?.ip ?? object.status.podIP ?? '',
    'status.nominatedNodeName': object => object.status.nominatedNodeName ?? '',
  },
  table: {
    columns: [
      nameColumn,
      column('Ready', 'Containers that are ready, of all.'),
      column('Status', 'What the containers of the pod are doing.'),
      column('Restarts', 'How often containers were restarted, and when last.'),
      ageColumn,
      column('IP', 'Address of the pod.', { wide: true }),
      column('Node', 'Node the pod runs on.', { wide: true }),
      column('Nominated Node', 'Node that is being cleared for the pod.', { wide: true }),
      column('Readiness Gates', 'Further conditions that are met, of all.', { wide: true }),
    ],
    cells: podCells,
  },
}
