import { hasReason } from '../apiserver/errors.ts'
import type { ConfigMap, Namespace, ServiceAccount } from '../apiserver/resources/types.ts'
import { configMaps, namespaces, serviceAccounts } from '../apiserver/resources/types.ts'
import type { ResourceType } from '../client/client.ts'
import type { KubeObject } from '../apiserver/object.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Controller, ControllerContext, Disposable } from './controller.ts'

/** Sees to it that every active namespace has one object of a type and name. */
const inEveryNamespace = <T extends KubeObject>(
  context: ControllerContext,
  type: ResourceType<T>,
  name: string,
  bring: (namespace: string, present: T | undefined) => Promise<void>,
): Disposable => {
  const namespaceInformer = context.informer(namespaces)
  const informer = context.informer(type)
  const queue = workqueue(context.clock, async namespace => {
    if (namespaceInformer.get(undefined, namespace)?.status.phase !== 'Active') return
    try {
      await bring(namespace, informer.get(namespace, name))
    } catch (error) {
      const goingAway = hasReason(error, 'Forbidden') && error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
      if (!goingAway && !hasReason(error, 'AlreadyExists', 'NotFound')) throw error
    }
  })
  context.whenSynced([namespaceInformer, informer] as never, () => {
    const again = (namespace: Namespace) => queue.add(namespace.metadata.name)
    const recheck = (object: T) => object.metadata.name === name && queue.add(object.metadata.namespace!)
    namespaceInformer.on({ added: again, updated: again })
    informer.on({ updated: recheck, deleted: recheck })
  })
  return queue
}

/** Gives every namespace its `default` ServiceAccount (pkg/controller/serviceaccount). */
export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller',
  account: 'service-account-controller',
  start: context =>
    inEveryNamespace<ServiceAccount>(context, serviceAccounts, 'default', async (namespace, present) => {
      if (!present) await context.client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } })
    }),
}

const ROOT_CA = 'kube-root-ca.crt'
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Publishes the cluster's CA in every namespace, where pods' tokens come with it (pkg/controller/certificates/rootcacertpublisher). */
export const rootCaPublisher: Controller = {
  name: 'root-ca-certificate-publisher-controller',
  account: 'root-ca-cert-publisher',
  start: context => {
    const data = { 'ca.crt': context.caCertificate }
    return inEveryNamespace<ConfigMap>(context, configMaps, ROOT_CA, async (namespace, present) => {
      if (!present)
        await context.client.create(configMaps, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: ROOT_CA, namespace, annotations: { 'kubernetes.io/description': DESCRIPTION } },
          data,
        })
      else if (present.data?.['ca.crt'] !== data['ca.crt'] || Object.keys(present.data).length !== 1)
        await context.client.update(configMaps, { ...present, data })
    })
  },
}
