import type { Container, ContainerStatus, Pod, PodSpec } from '../apiserver/resources/types.ts'
import { quantityMilli, quantityValue } from '../client/quantity.ts'

/** CPU in millicores, memory and ephemeral storage in bytes, everything else in its own unit by name. */
export interface Resources {
  cpu: number
  memory: number
  ephemeralStorage: number
  scalars: Map<string, number> | undefined
}

export const noResources = (): Resources => ({ cpu: 0, memory: 0, ephemeralStorage: 0, scalars: undefined })

type Quantities = Readonly<Record<string, string | number>>
/** Resource name to amount; CPU in millicores. What is absent was not asked for, which is not the same as zero. */
type Amounts = Map<string, number>

/** A container that says nothing counts this much in scores (scheduler/util/pod_resources.go). */
const DEFAULT_CPU = 100
const DEFAULT_MEMORY = 200 * 1024 ** 2

const amountOf = (name: string, quantity: string | number) => (name === 'cpu' ? quantityMilli(quantity) : quantityValue(quantity))

const amountsOf = (quantities: Quantities | undefined): Amounts => {
  const amounts: Amounts = new Map()
  for (const name in quantities) amounts.set(name, amountOf(name, quantities[name]!))
  return amounts
}

const add = (to: Amounts, from: Amounts) => {
  for (const [name, amount] of from) to.set(name, (to.get(name) ?? 0) + amount)
}

const raise = (to: Amounts, from: Amounts) => {
  for (const [name, amount] of from) if (amount > (to.get(name) ?? -1)) to.set(name, amount)
}

const isInfeasible = (pod: Pod) => pod.status.conditions?.some(condition => condition.type === 'PodResizePending' && condition.reason === 'Infeasible') ?? false

/** While a container is resized in place, it takes the larger of what is wanted and what it has. */
const containerAmounts = (pod: Pod, container: Container, statuses: readonly ContainerStatus[] | undefined): Amounts => {
  const wanted = container.resources?.requests as Quantities | undefined
  const status = statuses?.find(status => status.name === container.name)
  if (!status?.resources) return amountsOf(wanted)
  const amounts = isInfeasible(pod) ? new Map<string, number>() : amountsOf(wanted)
  raise(amounts, amountsOf(status.resources.requests as Quantities | undefined))
  raise(amounts, amountsOf(status.allocatedResources as Quantities | undefined))
  return amounts
}

const isPodLevel = (name: string) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')

interface RequestOptions {
  /** Amounts that a container gets for what it does not ask for. */
  readonly missing?: Amounts
  /** Take resources of resized containers into account; for pods that are on a node. */
  readonly useStatus?: boolean
  readonly skipPodLevel?: boolean
}

/**
 * What a pod asks of its node: the sum of its containers, or the most that its init containers need at once (sidecars
 * count along), or its pod-level requests; plus overhead (component-helpers/resource/helpers.go, PodRequests).
 */
export const podRequests = (pod: Pod, options: RequestOptions = {}): Amounts => {
  const spec = pod.spec as PodSpec & { resources?: { requests?: Quantities } }
  const amounts = (container: Container, statuses: readonly ContainerStatus[] | undefined) => {
    const result = containerAmounts(pod, container, options.useStatus ? statuses : undefined)
    if (options.missing) for (const [name, amount] of options.missing) if (!result.has(name)) result.set(name, amount)
    return result
  }
  const total: Amounts = new Map()
  for (const container of spec.containers) add(total, amounts(container, pod.status.containerStatuses))
  if (spec.initContainers?.length) {
    const sidecars: Amounts = new Map()
    const init: Amounts = new Map()
    for (const container of spec.initContainers) {
      if (container.restartPolicy === 'Always') {
        const own = amounts(container, pod.status.initContainerStatuses)
        add(total, own)
        add(sidecars, own)
        raise(init, sidecars)
      } else {
        const own = amounts(container, undefined)
        add(own, sidecars)
        raise(init, own)
      }
    }
    raise(total, init)
  }
  if (!options.skipPodLevel) for (const name in spec.resources?.requests) if (isPodLevel(name)) total.set(name, amountOf(name, spec.resources.requests[name]!))
  if (spec.overhead) add(total, amountsOf(spec.overhead as Quantities))
  return total
}

const hasPodLevelRequests = (pod: Pod) => {
  const requests = (pod.spec as PodSpec & { resources?: { requests?: Quantities } }).resources?.requests
  return requests !== undefined && Object.keys(requests).some(isPodLevel)
}

/** Requests with defaults for silent containers, for scores. `incoming`: as the pod being placed is counted, without its pod-level requests. */
export const nonZeroRequests = (pod: Pod, requests: Amounts, incoming: boolean): { cpu: number; memory: number } => {
  const missing: Amounts = new Map()
  const podLevel = !incoming && hasPodLevelRequests(pod)
  if (!podLevel || !requests.has('cpu')) missing.set('cpu', DEFAULT_CPU)
  if (!podLevel || !requests.has('memory')) missing.set('memory', DEFAULT_MEMORY)
  const total = missing.size > 0 ? podRequests(pod, { missing, useStatus: !incoming, skipPodLevel: incoming }) : requests
  return { cpu: total.get('cpu') ?? 0, memory: total.get('memory') ?? 0 }
}

/** Splits amounts into the fields that hot loops read. */
export const resourcesOf = (amounts: Amounts): Resources => {
  const resources = noResources()
  for (const [name, amount] of amounts) {
    if (name === 'cpu') resources.cpu = amount
    else if (name === 'memory') resources.memory = amount
    else if (name === 'ephemeral-storage') resources.ephemeralStorage = amount
    else if (name !== 'pods') (resources.scalars ??= new Map()).set(name, amount)
  }
  return resources
}

/** A node's allocatable (or any other list of quantities), and how many pods it takes. */
export const allocatableOf = (quantities: Quantities | undefined): Resources & { pods: number } => {
  const amounts = amountsOf(quantities)
  return { ...resourcesOf(amounts), pods: amounts.get('pods') ?? 0 }
}
