import type { ResourceDefinition } from '../definition.ts'

/** What discovery says of a subresource; kinds that are the parent's own have none here. */
export interface SubresourceKind {
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string }
  readonly verbs: readonly string[]
}

const OWN = { group: '', version: '' }
const WRITES = ['get', 'patch', 'update']
const PROXIES = ['create', 'delete', 'get', 'patch', 'update']

/** Subresources by name; `proxy` differs by parent. */
export const subresourceKind = ({ kind }: ResourceDefinition, name: string): SubresourceKind => {
  switch (name) {
    case 'scale':
      return { kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: WRITES }
    case 'binding':
      return { kind: { ...OWN, kind: 'Binding' }, verbs: ['create'] }
    case 'eviction':
      return { kind: { group: 'policy', version: 'v1', kind: 'Eviction' }, verbs: ['create'] }
    case 'token':
      return { kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }, verbs: ['create'] }
    case 'finalize':
      return { verbs: ['update'] }
    case 'log':
      return { verbs: ['get'] }
    case 'exec':
    case 'attach':
    case 'portforward': {
      const options = { exec: 'PodExecOptions', attach: 'PodAttachOptions', portforward: 'PodPortForwardOptions' }[name]
      return { kind: { ...OWN, kind: options }, verbs: ['create', 'get'] }
    }
    case 'proxy':
      return { kind: { ...OWN, kind: `${kind}ProxyOptions` }, verbs: PROXIES }
    default:
      return { verbs: WRITES }
  }
}

export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const
