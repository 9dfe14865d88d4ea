import type { Registry } from '../registry/environment.ts'
import type { AdmissionPlugin } from './admission.ts'
import { defaultIngressClass } from './default-ingress-class.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { priority } from './priority.ts'
import { serviceAccount } from './service-account.ts'

/** In kube-apiserver's order. */
export const admissionPlugins = (registry: Registry): readonly AdmissionPlugin[] => [
  namespaceLifecycle(registry),
  serviceAccount(registry),
  nodeRestriction,
  priority(registry),
  defaultTolerationSeconds,
  defaultIngressClass(registry),
]
