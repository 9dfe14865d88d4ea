import { canonicalQuantity } from '../../../apiserver/schema/quantity.ts'
import { rfc1123, type DescribeWriter } from './writer.ts'

type Json = any

const resources = (writer: DescribeWriter, title: string, found: Record<string, string> | undefined): void => {
  if (!found || Object.keys(found).length === 0) return
  writer.line(2, `${title}:`)
  for (const name of Object.keys(found).toSorted()) writer.line(3, `${name}:\t${canonicalQuantity(found[name]!)}`)
}

const stateLines = (writer: DescribeWriter, title: string, state: Json): void => {
  if (state?.running) {
    writer.line(2, `${title}:\tRunning`)
    writer.line(3, `Started:\t${rfc1123(state.running.startedAt)}`)
  } else if (state?.waiting) {
    writer.line(2, `${title}:\tWaiting`)
    if (state.waiting.reason) writer.line(3, `Reason:\t${state.waiting.reason}`)
  } else if (state?.terminated) {
    const done = state.terminated
    writer.line(2, `${title}:\tTerminated`)
    if (done.reason) writer.line(3, `Reason:\t${done.reason}`)
    if (done.message) writer.line(3, `Message:\t${done.message}`)
    writer.line(3, `Exit Code:\t${done.exitCode}`)
    if (done.signal) writer.line(3, `Signal:\t${done.signal}`)
    writer.line(3, `Started:\t${rfc1123(done.startedAt)}`)
    writer.line(3, `Finished:\t${rfc1123(done.finishedAt)}`)
  } else writer.line(2, `${title}:\tWaiting`)
}

const probeText = (probe: Json): string => {
  const attributes = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds}s period=${probe.periodSeconds}s #success=${probe.successThreshold} #failure=${probe.failureThreshold}`
  if (probe.exec) return `exec [${(probe.exec.command ?? []).join(' ')}] ${attributes}`
  if (probe.httpGet)
    return `http-get ${(probe.httpGet.scheme ?? 'HTTP').toLowerCase()}://${probe.httpGet.host ?? ''}:${probe.httpGet.port}${probe.httpGet.path ?? ''} ${attributes}`
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${attributes}`
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${attributes}`
  return `unknown ${attributes}`
}

const envLines = (writer: DescribeWriter, container: Json, pod: Json): void => {
  if (!container.env?.length) return writer.line(2, 'Environment:\t<none>')
  writer.line(2, 'Environment:')
  for (const variable of container.env) {
    const from = variable.valueFrom
    if (!from) writer.line(3, `${variable.name}:\t${String(variable.value ?? '').replaceAll('\n', '\n          \t')}`)
    else if (from.fieldRef) {
      const path: string = from.fieldRef.fieldPath
      const value =
        path.startsWith('metadata.') || path.startsWith('status.') || path.startsWith('spec.')
          ? path.split('.').reduce((at: Json, key) => at?.[key], pod)
          : undefined
      writer.line(3, `${variable.name}:\t${value ?? ''} (${from.fieldRef.apiVersion ?? 'v1'}:${path})`)
    } else if (from.resourceFieldRef)
      writer.line(
        3,
        `${variable.name}:\t${container.resources?.limits?.[from.resourceFieldRef.resource.replace('limits.', '')] ?? ''} (${from.resourceFieldRef.resource})`,
      )
    else if (from.secretKeyRef)
      writer.line(
        3,
        `${variable.name}:\t<set to the key '${from.secretKeyRef.key}' in secret '${from.secretKeyRef.name}'>\tOptional: ${from.secretKeyRef.optional ?? false}`,
      )
    else if (from.configMapKeyRef)
      writer.line(
        3,
        `${variable.name}:\t<set to the key '${from.configMapKeyRef.key}' of config map '${from.configMapKeyRef.name}'>\tOptional: ${from.configMapKeyRef.optional ?? false}`,
      )
  }
}

const envFromLines = (writer: DescribeWriter, container: Json): void => {
  if (!container.envFrom?.length) return
  writer.line(2, 'Environment Variables from:')
  for (const source of container.envFrom) {
    const [kind, ref] = source.configMapRef ? ['ConfigMap', source.configMapRef] : ['Secret', source.secretRef]
    writer.line(3, `${ref.name}\t${kind}${source.prefix ? ` with prefix '${source.prefix}'` : ''}\tOptional: ${ref.optional ?? false}`)
  }
}

const mountLines = (writer: DescribeWriter, container: Json): void => {
  if (!container.volumeMounts?.length) return writer.line(2, 'Mounts:\t<none>')
  writer.line(2, 'Mounts:')
  for (const mount of container.volumeMounts.toSorted((a: Json, b: Json) => (a.mountPath < b.mountPath ? -1 : 1))) {
    const flags = [mount.readOnly ? 'ro' : 'rw', ...(mount.subPath ? [`path="${mount.subPath}"`] : [])]
    writer.line(3, `${mount.mountPath} from ${mount.name} (${flags.join(',')})`)
  }
}

/**
 * The containers of a pod (with their statuses) or of a pod template (without). In a template the title stands one
 * level deeper and the names by one space more, but what belongs to a container stands where it stands in a pod.
 */
export const writeContainers = (writer: DescribeWriter, title: string, containers: readonly Json[], statuses: readonly Json[] | undefined, pod: Json): void => {
  const inTemplate = statuses === undefined
  writer.line(inTemplate ? 1 : 0, `${title}:${containers.length === 0 ? '\t<none>' : ''}`)
  for (const container of containers) {
    const status = statuses?.find(found => found.name === container.name)
    writer.line(1, `${inTemplate ? ' ' : ''}${container.name}:`)
    if (status) writer.line(2, `Container ID:\t${status.containerID ?? ''}`)
    writer.line(2, `Image:\t${container.image}`)
    if (status) writer.line(2, `Image ID:\t${status.imageID ?? ''}`)
    const ports: readonly Json[] = container.ports ?? []
    const portTitle = ports.length > 1 ? 'Ports' : 'Port'
    writer.line(
      2,
      `${portTitle}:\t${ports.length === 0 ? '<none>' : ports.map(port => `${port.containerPort}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`).join(', ')}`,
    )
    writer.line(
      2,
      `Host ${portTitle}:\t${ports.length === 0 ? '<none>' : ports.map(port => `${port.hostPort ?? 0}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`).join(', ')}`,
    )
    if (container.securityContext?.seccompProfile) writer.line(2, `SeccompProfile:\t${container.securityContext.seccompProfile.type}`)
    if (container.command?.length) {
      writer.line(2, 'Command:')
      for (const word of container.command) for (const line of String(word).split('\n')) writer.line(3, line)
    }
    if (container.args?.length) {
      writer.line(2, 'Args:')
      for (const word of container.args) for (const line of String(word).split('\n')) writer.line(3, line)
    }
    if (status) {
      stateLines(writer, 'State', status.state)
      if (status.lastState?.terminated) stateLines(writer, 'Last State', status.lastState)
      writer.line(2, `Ready:\t${status.ready ? 'True' : 'False'}`)
      writer.line(2, `Restart Count:\t${status.restartCount}`)
    }
    resources(writer, 'Limits', container.resources?.limits)
    resources(writer, 'Requests', container.resources?.requests)
    if (container.livenessProbe) writer.line(2, `Liveness:\t${probeText(container.livenessProbe)}`)
    if (container.readinessProbe) writer.line(2, `Readiness:\t${probeText(container.readinessProbe)}`)
    if (container.startupProbe) writer.line(2, `Startup:\t${probeText(container.startupProbe)}`)
    envFromLines(writer, container)
    envLines(writer, container, pod)
    mountLines(writer, container)
  }
}

const optional = (source: Json): string => `Optional:\t${source.optional ?? false}`

const volumeLines = (volume: Json): string[] => {
  if (volume.emptyDir)
    return [
      "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
      `Medium:\t${volume.emptyDir.medium ?? ''}`,
      `SizeLimit:\t${volume.emptyDir.sizeLimit ?? '<unset>'}`,
    ]
  if (volume.hostPath) return ['Type:\tHostPath (bare host directory volume)', `Path:\t${volume.hostPath.path}`, `HostPathType:\t${volume.hostPath.type ?? ''}`]
  if (volume.configMap) return ['Type:\tConfigMap (a volume populated by a ConfigMap)', `Name:\t${volume.configMap.name}`, optional(volume.configMap)]
  if (volume.secret) return ['Type:\tSecret (a volume populated by a Secret)', `SecretName:\t${volume.secret.secretName}`, optional(volume.secret)]
  if (volume.downwardAPI) return ['Type:\tDownwardAPI (a volume populated by information about the pod)', 'Items:']
  if (volume.persistentVolumeClaim)
    return [
      'Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      `ClaimName:\t${volume.persistentVolumeClaim.claimName}`,
      `ReadOnly:\t${volume.persistentVolumeClaim.readOnly ?? false}`,
    ]
  if (volume.projected) {
    const lines = ['Type:\tProjected (a volume that contains injected data from multiple sources)']
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken) lines.push(`TokenExpirationSeconds:\t${source.serviceAccountToken.expirationSeconds}`)
      else if (source.configMap) lines.push(`ConfigMapName:\t${source.configMap.name}`, optional(source.configMap))
      else if (source.secret) lines.push(`SecretName:\t${source.secret.name}`, optional(source.secret))
      else if (source.downwardAPI) lines.push('DownwardAPI:\ttrue')
    }
    return lines
  }
  return ['<unknown>']
}

export const writeVolumes = (writer: DescribeWriter, level: number, volumes: readonly Json[] | undefined): void => {
  if (!volumes?.length) return writer.line(level, 'Volumes:\t<none>')
  writer.line(level, 'Volumes:')
  for (const volume of volumes) {
    writer.line(1, `${level > 0 ? ' ' : ''}${volume.name}:`)
    for (const line of volumeLines(volume)) writer.line(2, line)
  }
}

const tolerationText = (toleration: Json): string => {
  let text = `${toleration.key ?? ''}${toleration.value ? `=${toleration.value}` : ''}${toleration.effect ? `:${toleration.effect}` : ''}`
  if (toleration.operator === 'Exists' && !toleration.value) text += toleration.key || toleration.effect ? ' op=Exists' : 'op=Exists'
  if (toleration.tolerationSeconds !== undefined) text += ` for ${toleration.tolerationSeconds}s`
  return text
}

export const writePlacement = (writer: DescribeWriter, level: number, spec: Json): void => {
  writer.map(level, 'Node-Selectors', spec.nodeSelector)
  writer.list(level, 'Tolerations', (spec.tolerations ?? []).map(tolerationText).toSorted())
}
