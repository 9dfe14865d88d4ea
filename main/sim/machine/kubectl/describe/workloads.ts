import type { AnyObject, Client } from '../client.ts'
import { writeContainers, writePlacement, writeVolumes } from './containers.ts'
import { selectorText, writeTopologySpread } from './pod.ts'
import { annotations, rfc1123, type DescribeWriter } from './writer.ts'

/** `Pod Template:` and what hangs below it. */
export const writePodTemplate = (writer: DescribeWriter, template: any): void => {
  writer.line(0, 'Pod Template:')
  writer.map(1, 'Labels', template.metadata?.labels)
  if (template.metadata?.annotations) annotations(writer, 1, template.metadata.annotations)
  if (template.spec.serviceAccountName) writer.line(1, `Service Account:\t${template.spec.serviceAccountName}`)
  if (template.spec.initContainers?.length) writeContainers(writer, 'Init Containers', template.spec.initContainers, undefined, {})
  writeContainers(writer, 'Containers', template.spec.containers, undefined, {})
  writeVolumes(writer, 1, template.spec.volumes)
  writeTopologySpread(writer, 1, template.spec)
  if (template.spec.priorityClassName) writer.line(1, `Priority Class Name:\t${template.spec.priorityClassName}`)
  writePlacement(writer, 1, template.spec)
}

const writeConditions = (writer: DescribeWriter, conditions: readonly any[] | undefined): void => {
  if (!conditions?.length) return
  writer.line(0, 'Conditions:')
  writer.line(1, 'Type\tStatus\tReason')
  writer.line(1, '----\t------\t------')
  for (const condition of conditions) writer.line(1, `${condition.type} \t${condition.status}\t${condition.reason}`)
}

const podsStatus = async (client: Client, object: AnyObject): Promise<string> => {
  const { items } = await client.json('GET', `/api/v1/namespaces/${object.metadata.namespace}/pods`, {
    query: { labelSelector: selectorText((object as any).spec.selector) },
  })
  const own = (items as AnyObject[]).filter(pod =>
    pod.metadata.ownerReferences?.some(reference => reference.controller && reference.uid === object.metadata.uid),
  )
  const count = (phase: string) => own.filter(pod => pod.status?.phase === phase).length
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`
}

const head = (writer: DescribeWriter, object: AnyObject): void => {
  writer.line(0, `Name:\t${object.metadata.name}`)
  writer.line(0, `Namespace:\t${object.metadata.namespace}`)
}

const replicaSetsText = (sets: readonly AnyObject[]): string =>
  sets.length === 0
    ? '<none>'
    : sets.map(set => `${set.metadata.name} (${set.status?.replicas ?? 0}/${(set as any).spec.replicas} replicas created)`).join(', ')

export const describeDeployment = async (writer: DescribeWriter, deployment: AnyObject, client: Client): Promise<void> => {
  const { spec, status, metadata } = deployment as any
  head(writer, deployment)
  writer.line(0, `CreationTimestamp:\t${rfc1123(metadata.creationTimestamp)}`)
  writer.map(0, 'Labels', metadata.labels)
  annotations(writer, 0, metadata.annotations)
  writer.line(0, `Selector:\t${selectorText(spec.selector)}`)
  writer.line(
    0,
    `Replicas:\t${spec.replicas} desired | ${status.updatedReplicas ?? 0} updated | ${status.replicas ?? 0} total | ${status.availableReplicas ?? 0} available | ${status.unavailableReplicas ?? 0} unavailable`,
  )
  writer.line(0, `StrategyType:\t${spec.strategy.type}`)
  writer.line(0, `MinReadySeconds:\t${spec.minReadySeconds ?? 0}`)
  const rolling = spec.strategy.rollingUpdate
  if (rolling) writer.line(0, `RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`)
  writePodTemplate(writer, spec.template)
  writeConditions(writer, status.conditions)
  const { items } = await client.json('GET', `/apis/apps/v1/namespaces/${metadata.namespace}/replicasets`, {
    query: { labelSelector: selectorText(spec.selector) },
  })
  const own = (items as AnyObject[]).filter(set => set.metadata.ownerReferences?.some(reference => reference.controller && reference.uid === metadata.uid))
  const revision = metadata.annotations?.['deployment.kubernetes.io/revision']
  const current = own.filter(set => set.metadata.annotations?.['deployment.kubernetes.io/revision'] === revision)
  writer.line(0, `OldReplicaSets:\t${replicaSetsText(own.filter(set => !current.includes(set)))}`)
  writer.line(0, `NewReplicaSet:\t${replicaSetsText(current)}`)
}

export const describeReplicaSet = async (writer: DescribeWriter, set: AnyObject, client: Client): Promise<void> => {
  const { spec, status, metadata } = set as any
  head(writer, set)
  writer.line(0, `Selector:\t${selectorText(spec.selector)}`)
  writer.map(0, 'Labels', metadata.labels)
  annotations(writer, 0, metadata.annotations)
  const owner = metadata.ownerReferences?.find((reference: any) => reference.controller)
  if (owner) writer.line(0, `Controlled By:\t${owner.kind}/${owner.name}`)
  writer.line(0, `Replicas:\t${status.replicas ?? 0} current / ${spec.replicas} desired`)
  writer.line(0, `Pods Status:\t${await podsStatus(client, set)}`)
  writePodTemplate(writer, spec.template)
  writeConditions(writer, status.conditions)
}

export const describeDaemonSet = async (writer: DescribeWriter, set: AnyObject, client: Client): Promise<void> => {
  const { spec, status, metadata } = set as any
  head(writer, set)
  writer.line(0, `Selector:\t${selectorText(spec.selector)}`)
  writer.map(0, 'Node-Selector', spec.template.spec.nodeSelector)
  writer.map(0, 'Labels', metadata.labels)
  annotations(writer, 0, metadata.annotations)
  writer.line(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled ?? 0}`)
  writer.line(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled ?? 0}`)
  writer.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`)
  writer.line(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`)
  writer.line(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled ?? 0}`)
  writer.line(0, `Pods Status:\t${await podsStatus(client, set)}`)
  writePodTemplate(writer, spec.template)
}

export const describeJob = (writer: DescribeWriter, job: AnyObject): void => {
  const { spec, status, metadata } = job as any
  head(writer, job)
  writer.line(0, `Selector:\t${selectorText(spec.selector)}`)
  writer.map(0, 'Labels', metadata.labels)
  annotations(writer, 0, metadata.annotations)
  const owner = metadata.ownerReferences?.find((reference: any) => reference.controller)
  if (owner) writer.line(0, `Controlled By:\t${owner.kind}/${owner.name}`)
  writer.line(0, `Parallelism:\t${spec.parallelism ?? '<unset>'}`)
  writer.line(0, `Completions:\t${spec.completions ?? '<unset>'}`)
  if (spec.completionMode) writer.line(0, `Completion Mode:\t${spec.completionMode}`)
  if (spec.suspend !== undefined) writer.line(0, `Suspend:\t${spec.suspend}`)
  writer.line(0, `Backoff Limit:\t${spec.backoffLimit ?? '<unset>'}`)
  if (spec.ttlSecondsAfterFinished !== undefined) writer.line(0, `TTL Seconds After Finished:\t${spec.ttlSecondsAfterFinished}`)
  if (status.startTime) writer.line(0, `Start Time:\t${rfc1123(status.startTime)}`)
  if (status.completionTime) {
    writer.line(0, `Completed At:\t${rfc1123(status.completionTime)}`)
    writer.line(0, `Duration:\t${Math.round((Date.parse(status.completionTime) - Date.parse(status.startTime)) / 1000)}s`)
  }
  if (spec.activeDeadlineSeconds !== undefined) writer.line(0, `Active Deadline Seconds:\t${spec.activeDeadlineSeconds}s`)
  writer.line(
    0,
    `Pods Statuses:\t${status.active ?? 0} Active (${status.ready ?? 0} Ready) / ${status.succeeded ?? 0} Succeeded / ${status.failed ?? 0} Failed`,
  )
  writePodTemplate(writer, spec.template)
}
