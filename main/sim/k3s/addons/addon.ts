import type { KubeObject } from '../../apiserver/object.ts'
import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  daemonSets,
  deployments,
  ingressClasses,
  jobs,
  roleBindings,
  roles,
  secrets,
  serviceAccounts,
  services,
  storageClasses,
} from '../../apiserver/resources/types.ts'
import type { ResourceType } from '../../client/client.ts'

/** An object as it stands in a manifest. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

/** One file under /var/lib/rancher/k3s/server/manifests. */
export interface Addon {
  readonly name: string
  /** Relative to the manifests' directory. */
  readonly file: string
  readonly manifests: readonly Manifest[]
}

const types: Readonly<Record<string, ResourceType>> = {
  ServiceAccount: serviceAccounts,
  ConfigMap: configMaps,
  Secret: secrets,
  Service: services,
  Deployment: deployments,
  DaemonSet: daemonSets,
  Job: jobs,
  ClusterRole: clusterRoles,
  ClusterRoleBinding: clusterRoleBindings,
  Role: roles,
  RoleBinding: roleBindings,
  StorageClass: storageClasses,
  IngressClass: ingressClasses,
}

export const typeOf = (manifest: Manifest): ResourceType<KubeObject> => {
  const type = types[manifest.kind]
  if (!type) throw new Error(`no manifest may hold a ${manifest.kind}`)
  return type
}

export const SYSTEM = 'kube-system'

export const serviceAccount = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: SYSTEM } })

export const rule = (apiGroups: readonly string[], resources: readonly string[], verbs: readonly string[]) => ({ apiGroups, resources, verbs })

export const clusterRole = (name: string, rules: readonly object[], labels?: Record<string, string>): Manifest => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, ...(labels && { labels }) },
  rules,
})

export const clusterRoleBinding = (name: string, role: string, account: string, more: Pick<Manifest['metadata'], 'labels' | 'annotations'> = {}): Manifest => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name, ...more },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'ServiceAccount', name: account, namespace: SYSTEM }],
})

/** The tolerations that K3s' own workloads carry. */
export const tolerations = [
  { key: 'CriticalAddonsOnly', operator: 'Exists' },
  { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/master', operator: 'Exists', effect: 'NoSchedule' },
] as const
