import { forbidden, notFound } from '../status.ts'
import type { Registry } from '../registry/environment.ts'
import type { AdmissionPlugin } from './admission.ts'

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public'])

/** Nothing is created in a namespace that is missing or terminating; the system's namespaces stay (plugin/namespace/lifecycle). */
export const namespaceLifecycle = ({ store }: Registry): AdmissionPlugin => {
  const namespaces = store.bucket('/namespaces')
  return {
    name: 'NamespaceLifecycle',
    mutate: context => {
      const { definition, plan, attributes, candidate } = context
      if (!definition) return
      if (plan.operation === 'DELETE' && definition.resource === 'namespaces' && definition.group === '' && IMMORTAL.has(attributes.name))
        throw forbidden(definition, attributes.name, 'this namespace may not be deleted')
      if (plan.operation !== 'CREATE' || !definition.namespaced || attributes.subresource) return
      const namespace = namespaces.get(attributes.namespace)
      const missing = { group: '', resource: 'namespaces' }
      if (!namespace) throw notFound(missing, attributes.namespace)
      if (!namespace.metadata.deletionTimestamp) return
      throw forbidden(
        definition,
        candidate?.metadata.name ?? '',
        `unable to create new content in namespace ${attributes.namespace} because it is being terminated`,
        [{ reason: 'NamespaceTerminating', message: `namespace ${attributes.namespace} is being terminated`, field: 'metadata.namespace' }],
      )
    },
  }
}
