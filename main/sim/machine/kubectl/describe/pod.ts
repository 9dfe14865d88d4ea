import type { AnyObject, Client } from '../client.ts'
import { since } from '../../../../../shared/kubernetes/duration.ts'
import { writeContainers, writePlacement, writeVolumes } from './containers.ts'
import { annotations, rfc1123, type DescribeWriter } from './writer.ts'

/** kubectl/pkg/describe describePod. */
export const describePod = (writer: DescribeWriter, pod: AnyObject, _client: Client, now: number): void => {
  const { metadata, spec, status } = pod as any
  writer.line(0, `Name:\t${metadata.name}`)
  writer.line(0, `Namespace:\t${metadata.namespace}`)
  if (spec.priority !== undefined) writer.line(0, `Priority:\t${spec.priority}`)
  if (spec.priorityClassName) writer.line(0, `Priority Class Name:\t${spec.priorityClassName}`)
  if (spec.runtimeClassName) writer.line(0, `Runtime Class Name:\t${spec.runtimeClassName}`)
  if (spec.serviceAccountName) writer.line(0, `Service Account:\t${spec.serviceAccountName}`)
  writer.line(0, spec.nodeName ? `Node:\t${spec.nodeName}/${status.hostIP ?? ''}` : 'Node:\t<none>')
  if (status.startTime) writer.line(0, `Start Time:\t${rfc1123(status.startTime)}`)
  writer.map(0, 'Labels', metadata.labels)
  annotations(writer, 0, metadata.annotations)
  if (metadata.deletionTimestamp && status.phase !== 'Failed' && status.phase !== 'Succeeded') {
    writer.line(0, `Status:\tTerminating (lasts ${since(metadata.deletionTimestamp, now)})`)
    writer.line(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds}s`)
  } else writer.line(0, `Status:\t${status.phase}`)
  if (status.reason) writer.line(0, `Reason:\t${status.reason}`)
  if (status.message) writer.line(0, `Message:\t${status.message}`)
  if (spec.securityContext?.seccompProfile) writer.line(0, `SeccompProfile:\t${spec.securityContext.seccompProfile.type}`)
  writer.line(0, `IP:\t${status.podIP ?? ''}`)
  if (!status.podIPs?.length) writer.line(0, 'IPs:\t<none>')
  else {
    writer.line(0, 'IPs:')
    for (const { ip } of status.podIPs) writer.line(1, `IP:\t${ip}`)
  }
  const owner = metadata.ownerReferences?.find((reference: any) => reference.controller)
  if (owner) writer.line(0, `Controlled By:\t${owner.kind}/${owner.name}`)
  if (status.nominatedNodeName) writer.line(0, `NominatedNodeName:\t${status.nominatedNodeName}`)
  if (spec.initContainers?.length) writeContainers(writer, 'Init Containers', spec.initContainers, status.initContainerStatuses ?? [], pod)
  writeContainers(writer, 'Containers', spec.containers, status.containerStatuses ?? [], pod)
  if (status.conditions?.length) {
    writer.line(0, 'Conditions:')
    writer.line(1, 'Type\tStatus')
    for (const condition of status.conditions) writer.line(1, `${condition.type} \t${condition.status} `)
  }
  writeVolumes(writer, 0, spec.volumes)
  writer.line(0, `QoS Class:\t${status.qosClass ?? ''}`)
  writePlacement(writer, 0, spec)
  writeTopologySpread(writer, 0, spec)
}

export const writeTopologySpread = (writer: DescribeWriter, level: number, spec: any): void => {
  if (!spec.topologySpreadConstraints?.length) return
  const text = (constraint: any) =>
    `${constraint.topologyKey}:${constraint.whenUnsatisfiable} when max skew ${constraint.maxSkew} is exceeded${constraint.labelSelector ? ` for selector ${selectorText(constraint.labelSelector)}` : ''}`
  writer.list(level, 'Topology Spread Constraints', spec.topologySpreadConstraints.map(text).toSorted())
}

/** metav1.FormatLabelSelector. */
export const selectorText = (selector: any): string => {
  const parts = [
    ...Object.keys(selector?.matchLabels ?? {})
      .toSorted()
      .map(key => `${key}=${selector.matchLabels[key]}`),
    ...(selector?.matchExpressions ?? []).map((expression: any) => {
      const values = [...(expression.values ?? [])].toSorted().join(',')
      switch (expression.operator) {
        case 'In':
          return `${expression.key} in (${values})`
        case 'NotIn':
          return `${expression.key} notin (${values})`
        case 'Exists':
          return expression.key
        default:
          return `!${expression.key}`
      }
    }),
  ]
  return parts.length > 0 ? parts.join(',') : '<none>'
}
