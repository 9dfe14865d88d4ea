import type { Container, PodSpec } from './types.ts'

// pkg/apis/core/v1/defaults.go: what a pod, or a template of pods, gets where its maker said nothing.

type Probe = NonNullable<Container['livenessProbe']>
type Volume = NonNullable<PodSpec['volumes']>[number]

const isLatest = (image: string): boolean => {
  const [name, digest] = image.split('@', 2)
  const lastPart = name!.slice(name!.lastIndexOf('/') + 1)
  const tag = lastPart.includes(':') ? lastPart.slice(lastPart.indexOf(':') + 1) : digest === undefined ? 'latest' : ''
  return tag === 'latest'
}

const httpGet = (handler: { httpGet?: { path?: string; scheme?: string } } | undefined) => {
  if (!handler?.httpGet) return
  handler.httpGet.path ||= '/'
  handler.httpGet.scheme ||= 'HTTP'
}

const probe = (value: Probe | undefined) => {
  if (!value) return
  value.timeoutSeconds ||= 1
  value.periodSeconds ||= 10
  value.successThreshold ||= 1
  value.failureThreshold ||= 3
  httpGet(value)
  if (value.grpc) value.grpc.service ??= ''
}

const defaultContainer = (container: Container): void => {
  container.imagePullPolicy ||= isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent'
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ||= 'File'
  container.resources ??= {}
  for (const port of container.ports ?? []) port.protocol ||= 'TCP'
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1'
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false
  }
  probe(container.livenessProbe)
  probe(container.readinessProbe)
  probe(container.startupProbe)
  httpGet(container.lifecycle?.postStart)
  httpGet(container.lifecycle?.preStop)
}

const downwardItems = (items: readonly { fieldRef?: { apiVersion?: string } }[] | undefined) => {
  for (const { fieldRef } of items ?? []) if (fieldRef) fieldRef.apiVersion ||= 'v1'
}

const DEFAULT_MODE = 0o644
const TOKEN_SECONDS = 3600

const defaultVolume = (volume: Volume): void => {
  let sources = 0
  for (const _ in volume) sources++
  if (sources === 1) volume.emptyDir = {}
  if (volume.secret) volume.secret.defaultMode ??= DEFAULT_MODE
  if (volume.configMap) volume.configMap.defaultMode ??= DEFAULT_MODE
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= DEFAULT_MODE
    downwardItems(volume.downwardAPI.items)
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= DEFAULT_MODE
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= TOKEN_SECONDS
      downwardItems(source.downwardAPI?.items)
    }
  }
  if (volume.hostPath) volume.hostPath.type ??= ''
  if (volume.iscsi) volume.iscsi.iscsiInterface ||= 'default'
  if (volume.rbd) {
    volume.rbd.pool ||= 'rbd'
    volume.rbd.user ||= 'admin'
    volume.rbd.keyring ||= '/etc/ceph/keyring'
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite'
    volume.azureDisk.kind ??= 'Shared'
    volume.azureDisk.fsType ??= 'ext4'
    volume.azureDisk.readOnly ??= false
  }
  if (volume.scaleIO) {
    volume.scaleIO.storageMode ||= 'ThinProvisioned'
    volume.scaleIO.fsType ||= 'xfs'
  }
  if (volume.ephemeral?.volumeClaimTemplate?.spec) volume.ephemeral.volumeClaimTemplate.spec.volumeMode ??= 'Filesystem'
  if (volume.image) volume.image.pullPolicy ||= isLatest(volume.image.reference ?? '') ? 'Always' : 'IfNotPresent'
}

/** Defaults of a PodSpec, in a pod and in a template. */
export const defaultPodSpec = (spec: PodSpec): void => {
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.restartPolicy ||= 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ||= 'default-scheduler'
  // The older of the two names is kept in step with the newer one.
  if (spec.serviceAccountName || spec.serviceAccount) spec.serviceAccount = spec.serviceAccountName ||= spec.serviceAccount!
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container as Container)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
}

const requestsFromLimits = (resources: Container['resources']): void => {
  if (!resources?.limits) return
  for (const name in resources.limits) {
    resources.requests ??= {}
    resources.requests[name] ??= resources.limits[name]!
  }
}

const hostPorts = (container: Container): void => {
  for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
}

/** What pods get beyond what templates get: requests from limits, service links, host ports of the host network. */
export const defaultPod = (spec: PodSpec): void => {
  defaultPodSpec(spec)
  spec.enableServiceLinks ??= true
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    requestsFromLimits(container.resources)
    if (spec.hostNetwork) hostPorts(container)
  }
  requestsFromLimits(spec.resources)
}
