import type { ResourceDefinition } from '../definition.ts'
import { configMap } from './configmap.ts'
import { deployment } from './deployment.ts'
import { endpointSlice } from './endpointslice.ts'
import { event } from './event.ts'
import { lease } from './lease.ts'
import { namespace } from './namespace.ts'
import { node } from './node.ts'
import { pod } from './pod.ts'
import { replicaSet } from './replicaset.ts'
import { secret } from './secret.ts'
import { service } from './service.ts'
import { serviceAccount } from './serviceaccount.ts'

/** Every kind that the API server serves, in the order of upstream's discovery. */
export const definitions: readonly ResourceDefinition[] = [configMap, event, namespace, node, pod, secret, serviceAccount, service, deployment, replicaSet, lease, endpointSlice]
