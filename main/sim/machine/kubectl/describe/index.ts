import type { AnyObject, ApiResource, Client } from '../client.ts'
import { eventsOf, writeEvents } from './events.ts'
import { describeNode } from './node.ts'
import {
  describeBinding,
  describeConfigMap,
  describeEndpointSlice,
  describeGeneric,
  describeIngressClass,
  describeNamespace,
  describeRules,
  describeSecret,
  describeService,
  describeServiceAccount,
  describeStorageClass,
} from './others.ts'
import { describePod } from './pod.ts'
import { describeDaemonSet, describeDeployment, describeJob, describeReplicaSet } from './workloads.ts'
import { describeWriter, type DescribeWriter } from './writer.ts'

type Describer = (writer: DescribeWriter, object: AnyObject, client: Client, now: number) => void | Promise<void>

/** One row a kind; what is not here is described field by field. */
const describers: Readonly<Record<string, { readonly describe: Describer; readonly events: boolean }>> = {
  pods: { describe: describePod, events: true },
  nodes: { describe: describeNode, events: true },
  'deployments.apps': { describe: describeDeployment, events: true },
  'replicasets.apps': { describe: describeReplicaSet, events: true },
  'daemonsets.apps': { describe: describeDaemonSet, events: true },
  'jobs.batch': { describe: describeJob, events: true },
  services: { describe: describeService, events: true },
  namespaces: { describe: describeNamespace, events: false },
  configmaps: { describe: describeConfigMap, events: true },
  secrets: { describe: describeSecret, events: false },
  serviceaccounts: { describe: describeServiceAccount, events: true },
  'storageclasses.storage.k8s.io': { describe: describeStorageClass, events: true },
  'ingressclasses.networking.k8s.io': { describe: describeIngressClass, events: true },
  'endpointslices.discovery.k8s.io': { describe: describeEndpointSlice, events: true },
  'roles.rbac.authorization.k8s.io': { describe: describeRules, events: false },
  'clusterroles.rbac.authorization.k8s.io': { describe: describeRules, events: false },
  'rolebindings.rbac.authorization.k8s.io': { describe: describeBinding, events: false },
  'clusterrolebindings.rbac.authorization.k8s.io': { describe: describeBinding, events: false },
}

/** The text of `kubectl describe` for one object. */
export const describeObject = async (client: Client, resource: ApiResource, object: AnyObject, showEvents: boolean, now: number): Promise<string> => {
  const writer = describeWriter()
  const { describe, events } = describers[resource.group ? `${resource.resource}.${resource.group}` : resource.resource] ?? {
    describe: describeGeneric,
    events: true,
  }
  await describe(writer, object, client, now)
  if (showEvents && events) {
    const found = await eventsOf(client, object)
    // The kubelet speaks of its node under the node's name as uid.
    if (resource.resource === 'nodes') found.push(...(await eventsOf(client, object, object.metadata.name)))
    writeEvents(writer, found, now)
  }
  return writer.end()
}
