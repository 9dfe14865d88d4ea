import type {
  IIoK8sApiAppsV1DaemonSetSpec,
  IIoK8sApiAppsV1DaemonSetStatus,
  IIoK8sApiAppsV1DeploymentSpec,
  IIoK8sApiAppsV1DeploymentStatus,
  IIoK8sApiAppsV1ReplicaSetSpec,
  IIoK8sApiAppsV1ReplicaSetStatus,
} from 'kubernetes-models/apps/v1'
import type { IIoK8sApiBatchV1JobSpec, IIoK8sApiBatchV1JobStatus } from 'kubernetes-models/batch/v1'
import type { IIoK8sApiCoordinationV1LeaseSpec } from 'kubernetes-models/coordination.k8s.io/v1'
import type { IIoK8sApiDiscoveryV1Endpoint, IIoK8sApiDiscoveryV1EndpointPort } from 'kubernetes-models/discovery.k8s.io/v1'
import type {
  IIoK8sApiNetworkingV1IngressClassSpec,
  IIoK8sApiNetworkingV1IngressSpec,
  IIoK8sApiNetworkingV1IngressStatus,
} from 'kubernetes-models/networking.k8s.io/v1'
import type {
  IIoK8sApiRbacV1AggregationRule,
  IIoK8sApiRbacV1PolicyRule,
  IIoK8sApiRbacV1RoleRef,
  IIoK8sApiRbacV1Subject,
} from 'kubernetes-models/rbac.authorization.k8s.io/v1'
import type * as core from 'kubernetes-models/v1'
import type { ResourceType } from '../../client/client.ts'
import type { KubeObject } from '../object.ts'

// Spec and status types are those of kubernetes-models; here they only get the envelope that the API server guarantees:
// metadata is complete, spec and status are there.

export type Container = core.IIoK8sApiCoreV1Container
export type ContainerStatus = core.IIoK8sApiCoreV1ContainerStatus
export type NodeCondition = core.IIoK8sApiCoreV1NodeCondition
export type PodCondition = core.IIoK8sApiCoreV1PodCondition
export type PodSpec = core.IIoK8sApiCoreV1PodSpec
export type PodStatus = core.IIoK8sApiCoreV1PodStatus
export type PodTemplateSpec = core.IIoK8sApiCoreV1PodTemplateSpec
export type ObjectReference = core.IIoK8sApiCoreV1ObjectReference
export type ServicePort = core.IIoK8sApiCoreV1ServicePort
export type Taint = core.IIoK8sApiCoreV1Taint
export type Toleration = core.IIoK8sApiCoreV1Toleration
export type DeploymentCondition = NonNullable<IIoK8sApiAppsV1DeploymentStatus['conditions']>[number]
export type JobCondition = NonNullable<IIoK8sApiBatchV1JobStatus['conditions']>[number]
export type Endpoint = IIoK8sApiDiscoveryV1Endpoint
export type EndpointPort = IIoK8sApiDiscoveryV1EndpointPort
export type PolicyRule = IIoK8sApiRbacV1PolicyRule
type RoleRef = IIoK8sApiRbacV1RoleRef
export type Subject = IIoK8sApiRbacV1Subject
export type LabelSelector = IIoK8sApiAppsV1DeploymentSpec['selector']

export type Pod = KubeObject & { spec: PodSpec; status: PodStatus }
export type Node = KubeObject & { spec: core.IIoK8sApiCoreV1NodeSpec; status: core.IIoK8sApiCoreV1NodeStatus }
export type Namespace = KubeObject & { spec: core.IIoK8sApiCoreV1NamespaceSpec; status: core.IIoK8sApiCoreV1NamespaceStatus }
export type Service = KubeObject & { spec: core.IIoK8sApiCoreV1ServiceSpec; status: core.IIoK8sApiCoreV1ServiceStatus }
export type Endpoints = KubeObject & { subsets?: core.IIoK8sApiCoreV1EndpointSubset[] }
/** `data` is base64. */
export type Secret = KubeObject & { type: string; data?: Record<string, string>; immutable?: boolean }
/** `binaryData` is base64. */
export type ConfigMap = KubeObject & { data?: Record<string, string>; binaryData?: Record<string, string>; immutable?: boolean }
export type ServiceAccount = KubeObject & { secrets?: ObjectReference[]; imagePullSecrets?: { name?: string }[]; automountServiceAccountToken?: boolean }
export type Event = KubeObject & Omit<core.IIoK8sApiCoreV1Event, 'apiVersion' | 'kind' | 'metadata'>
export type Deployment = KubeObject & { spec: IIoK8sApiAppsV1DeploymentSpec; status: IIoK8sApiAppsV1DeploymentStatus }
export type ReplicaSet = KubeObject & { spec: IIoK8sApiAppsV1ReplicaSetSpec; status: IIoK8sApiAppsV1ReplicaSetStatus }
export type DaemonSet = KubeObject & { spec: IIoK8sApiAppsV1DaemonSetSpec; status: IIoK8sApiAppsV1DaemonSetStatus }
export type ControllerRevision = KubeObject & { data?: Record<string, unknown>; revision: number }
export type Job = KubeObject & { spec: IIoK8sApiBatchV1JobSpec; status: IIoK8sApiBatchV1JobStatus }
export type Lease = KubeObject & { spec: IIoK8sApiCoordinationV1LeaseSpec }
export type EndpointSlice = KubeObject & { addressType: 'IPv4' | 'IPv6' | 'FQDN'; endpoints: Endpoint[]; ports?: EndpointPort[] }
export type Ingress = KubeObject & { spec: IIoK8sApiNetworkingV1IngressSpec; status: IIoK8sApiNetworkingV1IngressStatus }
export type IngressClass = KubeObject & { spec: IIoK8sApiNetworkingV1IngressClassSpec }
export type Role = KubeObject & { rules: PolicyRule[] | null }
export type ClusterRole = KubeObject & { rules: PolicyRule[] | null; aggregationRule?: IIoK8sApiRbacV1AggregationRule }
export type RoleBinding = KubeObject & { roleRef: RoleRef; subjects?: Subject[] }
export type ClusterRoleBinding = KubeObject & { roleRef: RoleRef; subjects?: Subject[] }
export type PriorityClass = KubeObject & { value: number; globalDefault?: boolean; description?: string; preemptionPolicy?: 'Never' | 'PreemptLowerPriority' }
export type StorageClass = KubeObject & {
  provisioner: string
  parameters?: Record<string, string>
  reclaimPolicy?: string
  mountOptions?: string[]
  allowVolumeExpansion?: boolean
  volumeBindingMode?: string
  allowedTopologies?: core.IIoK8sApiCoreV1TopologySelectorTerm[]
}

const core1 = <T extends KubeObject>(resource: string): ResourceType<T> => ({ group: '', version: 'v1', resource })
const type1 = <T extends KubeObject>(group: string, resource: string): ResourceType<T> => ({ group, version: 'v1', resource })

export const namespaces = core1<Namespace>('namespaces')
export const nodes = core1<Node>('nodes')
export const pods = core1<Pod>('pods')
export const services = core1<Service>('services')
export const endpoints = core1<Endpoints>('endpoints')
export const configMaps = core1<ConfigMap>('configmaps')
export const secrets = core1<Secret>('secrets')
export const serviceAccounts = core1<ServiceAccount>('serviceaccounts')
export const events = core1<Event>('events')
export const deployments = type1<Deployment>('apps', 'deployments')
export const replicaSets = type1<ReplicaSet>('apps', 'replicasets')
export const daemonSets = type1<DaemonSet>('apps', 'daemonsets')
export const controllerRevisions = type1<ControllerRevision>('apps', 'controllerrevisions')
export const jobs = type1<Job>('batch', 'jobs')
export const leases = type1<Lease>('coordination.k8s.io', 'leases')
export const endpointSlices = type1<EndpointSlice>('discovery.k8s.io', 'endpointslices')
export const ingressClasses = type1<IngressClass>('networking.k8s.io', 'ingressclasses')
export const roles = type1<Role>('rbac.authorization.k8s.io', 'roles')
export const clusterRoles = type1<ClusterRole>('rbac.authorization.k8s.io', 'clusterroles')
export const roleBindings = type1<RoleBinding>('rbac.authorization.k8s.io', 'rolebindings')
export const clusterRoleBindings = type1<ClusterRoleBinding>('rbac.authorization.k8s.io', 'clusterrolebindings')
export const priorityClasses = type1<PriorityClass>('scheduling.k8s.io', 'priorityclasses')
export const storageClasses = type1<StorageClass>('storage.k8s.io', 'storageclasses')
