import type { ClusterRole, ClusterRoleBinding, PolicyRule, Subject } from '../resources/types.ts'
import type { Draft } from '../object.ts'

// The default roles of kube-apiserver (plugin/pkg/auth/authorizer/rbac/bootstrappolicy) as far as the simulated
// components and their users need them. A rule's line: groups (`core` for the empty one, several with `|`), resources,
// names in brackets, verbs; or `URL`, paths, verbs.

const R = 'get,list,watch'
const W = 'create,delete,deletecollection,patch,update'
const RW = `create,delete,deletecollection,get,list,patch,update,watch`
const EVENTS = 'core|events.k8s.io: events = create,patch,update'

const aggregated = {
  'system:aggregate-to-admin': [`authorization.k8s.io: localsubjectaccessreviews = create`, `rbac.authorization.k8s.io: rolebindings,roles = ${RW}`],
  'system:aggregate-to-edit': [
    `core: pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy = ${R}`,
    'core: serviceaccounts = impersonate',
    `core: pods,pods/attach,pods/exec,pods/portforward,pods/proxy = ${W}`,
    'core: pods/eviction = create',
    `core: configmaps,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy = ${W}`,
    'core: serviceaccounts/token = create',
    `core|events.k8s.io: events = ${W}`,
    `apps: daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale = ${W}`,
    `autoscaling: horizontalpodautoscalers = ${W}`,
    `batch: cronjobs,jobs = ${W}`,
    `extensions: daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale = ${W}`,
    `policy: poddisruptionbudgets = ${W}`,
    `networking.k8s.io: ingresses,networkpolicies = ${W}`,
    `coordination.k8s.io: leases = ${RW}`,
    `resource.k8s.io: resourceclaims,resourceclaimtemplates = ${W}`,
  ],
  'system:aggregate-to-view': [
    `core: configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status = ${R}`,
    `core: bindings,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status = ${R}`,
    `core: namespaces = ${R}`,
    `core|events.k8s.io: events = ${R}`,
    `discovery.k8s.io: endpointslices = ${R}`,
    `apps: controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status = ${R}`,
    `autoscaling: horizontalpodautoscalers,horizontalpodautoscalers/status = ${R}`,
    `batch: cronjobs,cronjobs/status,jobs,jobs/status = ${R}`,
    `extensions: daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale = ${R}`,
    `policy: poddisruptionbudgets,poddisruptionbudgets/status = ${R}`,
    `networking.k8s.io: ingresses,ingresses/status,networkpolicies = ${R}`,
    `resource.k8s.io: resourceclaims,resourceclaims/status,resourceclaimtemplates = ${R}`,
  ],
} as const

const controllers: Record<string, readonly string[]> = {
  'clusterrole-aggregation-controller': ['rbac.authorization.k8s.io: clusterroles = escalate,get,list,patch,update,watch'],
  'cronjob-controller': [
    'batch: cronjobs = get,list,update,watch',
    'batch: jobs = create,delete,get,list,patch,update,watch',
    'batch: cronjobs/status = update',
    'batch: cronjobs/finalizers = update',
    'core: pods = delete,list,watch',
    EVENTS,
  ],
  'daemon-set-controller': [
    `apps|extensions: daemonsets = ${R}`,
    'apps|extensions: daemonsets/status = update',
    'apps|extensions: daemonsets/finalizers = update',
    'core: nodes = list,watch',
    'core: pods = create,delete,list,patch,watch',
    'core: pods/binding = create',
    'apps: controllerrevisions = create,delete,get,list,patch,update,watch',
    EVENTS,
  ],
  'deployment-controller': [
    'apps|extensions: deployments = get,list,update,watch',
    'apps|extensions: deployments/status = update',
    'apps|extensions: deployments/finalizers = update',
    'apps|extensions: replicasets = create,delete,get,list,patch,update,watch',
    'core: pods = get,list,update,watch',
    EVENTS,
  ],
  'disruption-controller': [
    `apps|extensions: deployments = ${R}`,
    `apps|extensions: replicasets = ${R}`,
    `core: replicationcontrollers = ${R}`,
    `policy: poddisruptionbudgets = ${R}`,
    `apps: statefulsets = ${R}`,
    'policy: poddisruptionbudgets/status = update',
    'core: pods/status = patch,update',
    '*: */scale = get',
    EVENTS,
  ],
  'endpoint-controller': [`core: pods,services = ${R}`, 'core: endpoints = create,delete,get,list,update,watch', 'core: endpoints/restricted = create', EVENTS],
  'endpointslice-controller': [
    `core: nodes,pods,services = ${R}`,
    'core: services/finalizers = update',
    'discovery.k8s.io: endpointslices = create,delete,get,list,update,watch',
    'discovery.k8s.io: endpointslices/restricted = create',
    EVENTS,
  ],
  'endpointslicemirroring-controller': [
    `core: endpoints,services = ${R}`,
    'core: services/finalizers = update',
    'core: endpoints/finalizers = update',
    'discovery.k8s.io: endpointslices = create,delete,get,list,update,watch',
    'discovery.k8s.io: endpointslices/restricted = create',
    EVENTS,
  ],
  'generic-garbage-collector': ['*: * = delete,get,list,patch,update,watch', EVENTS],
  'horizontal-pod-autoscaler': [
    `autoscaling: horizontalpodautoscalers = ${R}`,
    'autoscaling: horizontalpodautoscalers/status = update',
    '*: */scale = get,update',
    'core: pods = list,watch',
    'metrics.k8s.io: pods = list,watch',
    `custom.metrics.k8s.io: * = ${R}`,
    `external.metrics.k8s.io: * = ${R}`,
    EVENTS,
  ],
  'job-controller': [
    'batch: jobs = get,list,patch,update,watch',
    'batch: jobs/status = update',
    'batch: jobs/finalizers = update',
    'core: pods = create,delete,list,patch,watch',
    EVENTS,
  ],
  'namespace-controller': [
    'core: namespaces = delete,get,list,watch',
    'core: namespaces/finalize,namespaces/status = update',
    '*: * = delete,deletecollection,get,list,watch',
  ],
  'node-controller': [
    'core: nodes = delete,get,list,patch,update,watch',
    'core: nodes/status = patch,update',
    'core: pods/status = patch,update',
    'core: pods = delete,get,list,watch',
    EVENTS,
  ],
  'persistent-volume-binder': [
    'core: persistentvolumes = create,delete,get,list,update,watch',
    'core: persistentvolumes/status = update',
    'core: persistentvolumeclaims = get,list,update,watch',
    'core: persistentvolumeclaims/status = update',
    'core: pods = create,delete,get,list,watch',
    `storage.k8s.io: storageclasses = ${R}`,
    'core: nodes = list,watch',
    EVENTS,
    'core: events = watch',
  ],
  'pod-garbage-collector': ['core: pods = delete,list,watch', `core: nodes = ${R}`, 'core: pods/status = patch'],
  'pv-protection-controller': ['core: persistentvolumes = get,list,update,watch', EVENTS],
  'pvc-protection-controller': [
    'core: persistentvolumeclaims = get,list,update,watch',
    'core: persistentvolumeclaims/status = update',
    `core: pods = ${R}`,
    EVENTS,
  ],
  'replicaset-controller': [
    'apps|extensions: replicasets = get,list,update,watch',
    'apps|extensions: replicasets/status = update',
    'apps|extensions: replicasets/finalizers = update',
    'core: pods = create,delete,list,patch,watch',
    EVENTS,
  ],
  'resourcequota-controller': ['*: * = list,watch', 'core: resourcequotas/status = update', EVENTS],
  'root-ca-cert-publisher': ['core: configmaps = create,update', EVENTS],
  'service-account-controller': ['core: serviceaccounts = create', EVENTS],
  'statefulset-controller': [
    'core: pods = list,watch',
    `apps: statefulsets = ${R}`,
    'apps: statefulsets/status = update',
    'apps: statefulsets/finalizers = update',
    'core: pods = create,delete,get,patch,update',
    'apps: controllerrevisions = create,delete,get,list,patch,update,watch',
    'core: persistentvolumeclaims = create,get,list,watch',
    'core: persistentvolumeclaims = delete,update',
    'core: pods/finalizers = update',
    EVENTS,
  ],
  'ttl-after-finished-controller': ['batch: jobs = delete,get,list,watch', EVENTS],
  'ttl-controller': ['core: nodes = list,patch,update,watch', EVENTS],
}

const components: Record<string, readonly string[]> = {
  'cluster-admin': ['*: * = *', 'URL * = *'],
  'system:auth-delegator': ['authentication.k8s.io: tokenreviews = create', 'authorization.k8s.io: subjectaccessreviews = create'],
  'system:basic-user': [
    'authorization.k8s.io: selfsubjectaccessreviews,selfsubjectrulesreviews = create',
    'authentication.k8s.io: selfsubjectreviews = create',
  ],
  'system:discovery': ['URL /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/ = get'],
  'system:kube-aggregator': [`core: endpoints,services = ${R}`],
  'system:kube-controller-manager': [
    EVENTS,
    'coordination.k8s.io: leases = create',
    'coordination.k8s.io: leases [kube-controller-manager] = get,update',
    'core: secrets,serviceaccounts = create',
    'core: secrets = delete',
    'core: configmaps,namespaces,secrets,serviceaccounts = get',
    'core: secrets,serviceaccounts = update',
    'authentication.k8s.io: tokenreviews = create',
    'authorization.k8s.io: subjectaccessreviews = create',
    '*: * = list,watch',
    'core: serviceaccounts/token = create',
  ],
  'system:kube-dns': ['core: endpoints,services = list,watch'],
  'system:kube-scheduler': [
    EVENTS,
    'coordination.k8s.io: leases = create',
    'coordination.k8s.io: leases [kube-scheduler] = get,list,update,watch',
    `coordination.k8s.io: leasecandidates = ${RW}`,
    `core: nodes = ${R}`,
    'core: pods = delete,get,list,watch',
    'core: bindings,pods/binding = create',
    'core: pods/status = patch,update',
    `core: replicationcontrollers,services = ${R}`,
    `apps|extensions: replicasets = ${R}`,
    `apps: statefulsets = ${R}`,
    `policy: poddisruptionbudgets = ${R}`,
    `core: persistentvolumeclaims,persistentvolumes = ${R}`,
    'authentication.k8s.io: tokenreviews = create',
    'authorization.k8s.io: subjectaccessreviews = create',
    `storage.k8s.io: csinodes = ${R}`,
    `storage.k8s.io: volumeattachments = ${R}`,
    `core: namespaces = ${R}`,
    `storage.k8s.io: csidrivers = ${R}`,
    `storage.k8s.io: csistoragecapacities = ${R}`,
    'core: pods/finalizers = update',
  ],
  'system:kubelet-api-admin': [
    `core: nodes = ${R}`,
    'core: nodes = proxy',
    'core: nodes/log,nodes/metrics,nodes/proxy,nodes/stats = *',
    'core: nodes/configz,nodes/healthz,nodes/pods = *',
  ],
  'system:monitoring': ['URL /flagz,/healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*,/statusz = get', 'core: nodes/metrics = get'],
  'system:node': [
    'authentication.k8s.io: tokenreviews = create',
    'authorization.k8s.io: localsubjectaccessreviews,subjectaccessreviews = create',
    `core: services = ${R}`,
    'core: nodes = create,get,list,watch',
    'core: nodes/status = patch,update',
    'core: nodes = patch,update',
    EVENTS,
    `core: pods = ${R}`,
    'core: pods = create,delete',
    'core: pods/status = patch,update',
    'core: pods/eviction = create',
    `core: configmaps,secrets = ${R}`,
    'core: persistentvolumeclaims,persistentvolumes = get',
    'core: endpoints = get',
    'certificates.k8s.io: certificatesigningrequests = create,get,list,watch',
    'coordination.k8s.io: leases = create,delete,get,patch,update',
    'storage.k8s.io: volumeattachments = get',
    'core: serviceaccounts/token = create',
    'core: persistentvolumeclaims/status = get,patch,update',
    `storage.k8s.io: csidrivers = ${R}`,
    'storage.k8s.io: csinodes = create,delete,get,patch,update',
    `node.k8s.io: runtimeclasses = ${R}`,
    'core: serviceaccounts = get',
  ],
  'system:node-bootstrapper': ['certificates.k8s.io: certificatesigningrequests = create,get,list,watch'],
  'system:node-proxier': [
    'core: endpoints,services = list,watch',
    `core: nodes = ${R}`,
    EVENTS,
    'networking.k8s.io: servicecidrs = list,watch',
    'discovery.k8s.io: endpointslices = list,watch',
  ],
  'system:persistent-volume-provisioner': [
    'core: persistentvolumes = create,delete,get,list,watch',
    'core: persistentvolumeclaims = get,list,update,watch',
    `storage.k8s.io: storageclasses = ${R}`,
    'core: events = watch',
    EVENTS,
  ],
  'system:public-info-viewer': ['URL /healthz,/livez,/readyz,/version,/version/ = get'],
  'system:service-account-issuer-discovery': [
    'URL /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/ = get',
  ],
  'system:volume-scheduler': [
    'core: persistentvolumes = get,list,patch,update,watch',
    `storage.k8s.io: storageclasses = ${R}`,
    'core: persistentvolumeclaims = get,list,patch,update,watch',
  ],
}

const RBAC = 'rbac.authorization.k8s.io'
const user = (name: string): Subject => ({ kind: 'User', apiGroup: RBAC, name })
const group = (name: string): Subject => ({ kind: 'Group', apiGroup: RBAC, name })
const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })

const bindings: Record<string, readonly Subject[]> = {
  'cluster-admin': [group('system:masters')],
  'system:basic-user': [group('system:authenticated')],
  'system:discovery': [group('system:authenticated')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-dns': [account('kube-dns')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:monitoring': [group('system:monitoring')],
  // The Node authorizer grants to nodes what this role lists; the binding is there, and empty.
  'system:node': [],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:public-info-viewer': [group('system:authenticated'), group('system:unauthenticated')],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
  'system:volume-scheduler': [user('system:kube-scheduler')],
}

const parseRule = (line: string): PolicyRule => {
  const [left = '', verbs = ''] = line.split(' = ')
  if (left.startsWith('URL ')) return { verbs: verbs.split(','), nonResourceURLs: left.slice(4).split(',') }
  const [groups = '', what = ''] = left.split(': ')
  const [resources = '', names] = what.split(' [')
  return {
    verbs: verbs.split(','),
    apiGroups: groups.split('|').map(name => (name === 'core' ? '' : name)),
    resources: resources.split(','),
    ...(names && { resourceNames: names.slice(0, -1).split(',') }),
  }
}

/** The rules of the role `system:node`, for the Node authorizer. */
export const NODE_RULES: readonly PolicyRule[] = components['system:node']!.map(parseRule)

const meta = (name: string, labels: Record<string, string> = {}) => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
})

const apiVersion = `${RBAC}/v1`

const role = (name: string, lines: readonly string[], labels?: Record<string, string>, aggregate?: string): Draft<ClusterRole> => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: meta(name, labels),
  rules: lines.map(parseRule),
  ...(aggregate && { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`${RBAC}/aggregate-to-${aggregate}`]: 'true' } }] } }),
})

const aggregateTo = (name: string) => ({ [`${RBAC}/aggregate-to-${name}`]: 'true' })

/** Every default ClusterRole; the aggregated ones come with their rules collected. */
export const bootstrapClusterRoles = (): readonly Draft<ClusterRole>[] => {
  const { 'system:aggregate-to-admin': admin, 'system:aggregate-to-edit': edit, 'system:aggregate-to-view': view } = aggregated
  return [
    ...Object.entries(components).map(([name, lines]) => role(name, lines)),
    role('admin', [...edit, ...view, ...admin], undefined, 'admin'),
    role('edit', [...edit, ...view], aggregateTo('admin'), 'edit'),
    role('view', view, aggregateTo('edit'), 'view'),
    role('system:aggregate-to-admin', admin, aggregateTo('admin')),
    role('system:aggregate-to-edit', edit, aggregateTo('edit')),
    role('system:aggregate-to-view', view, aggregateTo('view')),
    ...Object.entries(controllers).map(([name, lines]) => role(`system:controller:${name}`, lines)),
  ]
}

/** Every default ClusterRoleBinding; they are called as the roles they grant. */
export const bootstrapClusterRoleBindings = (): readonly Draft<ClusterRoleBinding>[] => {
  const all = { ...bindings, ...Object.fromEntries(Object.keys(controllers).map(name => [`system:controller:${name}`, [account(name)]])) }
  return Object.entries(all).map(([name, subjects]) => ({
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: meta(name),
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
    ...(subjects.length > 0 && { subjects: [...subjects] }),
  }))
}
