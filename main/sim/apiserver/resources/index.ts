import type { ResourceDefinition } from '../definition.ts'
import { configMap } from './configmap.ts'
import { controllerRevision } from './controllerrevision.ts'
import { daemonSet } from './daemonset.ts'
import { deployment } from './deployment.ts'
import { endpoints } from './endpoints.ts'
import { endpointSlice } from './endpointslice.ts'
import { event } from './event.ts'
import { ingress, ingressClass } from './ingress.ts'
import { job } from './job.ts'
import { lease } from './lease.ts'
import { namespace } from './namespace.ts'
import { node } from './node.ts'
import { pod } from './pod.ts'
import { priorityClass } from './priorityclass.ts'
import { clusterRole, clusterRoleBinding, role, roleBinding } from './rbac.ts'
import { replicaSet } from './replicaset.ts'
import { secret } from './secret.ts'
import { service } from './service.ts'
import { serviceAccount } from './serviceaccount.ts'
import { storageClass } from './storageclass.ts'

/** Every kind that the API server serves: groups in the order of upstream's discovery, kinds by their plural. */
export const definitions: readonly ResourceDefinition[] = [
  configMap,
  endpoints,
  event,
  namespace,
  node,
  pod,
  secret,
  serviceAccount,
  service,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  job,
  ingressClass,
  ingress,
  clusterRoleBinding,
  clusterRole,
  roleBinding,
  role,
  storageClass,
  priorityClass,
  lease,
  endpointSlice,
]
