import type { Registry } from '../registry/environment.ts'
import type { Pod, PriorityClass } from '../resources/types.ts'
import { forbidden } from '../status.ts'
import type { AdmissionPlugin } from './admission.ts'

/** Values that hold also before their PriorityClass objects exist. */
const SYSTEM: Record<string, number> = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 }

/** Turns priorityClassName into priority and preemptionPolicy (plugin/priority). */
export const priority = ({ store }: Registry): AdmissionPlugin => {
  const classes = store.bucket('scheduling.k8s.io/priorityclasses')
  const globalDefault = (): PriorityClass | undefined =>
    (classes.list() as readonly PriorityClass[]).filter(item => item.globalDefault).sort((a, b) => a.value - b.value)[0]
  return {
    name: 'Priority',
    validate: ({ definition, plan, attributes, candidate }) => {
      if (definition?.resource !== 'priorityclasses') return
      if (plan.operation === 'DELETE' && attributes.name in SYSTEM)
        throw forbidden(definition, attributes.name, 'this is a system priority class and cannot be deleted')
      const wanted = candidate as PriorityClass | undefined
      const present = wanted?.globalDefault ? globalDefault() : undefined
      if (present && present.metadata.name !== wanted!.metadata.name)
        throw forbidden(definition, wanted!.metadata.name, `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`)
    },
    mutate: ({ definition, plan, attributes, candidate }) => {
      if (definition?.resource !== 'pods' || definition.group !== '' || plan.operation !== 'CREATE' || attributes.subresource) return
      const pod = candidate as Pod
      if (!pod.spec) return
      const name = pod.metadata.name || (pod.metadata.generateName ?? '')
      const found = pod.spec.priorityClassName ? (classes.get(pod.spec.priorityClassName) as PriorityClass | undefined) : globalDefault()
      let value = found?.value ?? 0
      if (pod.spec.priorityClassName && !found) {
        const system = SYSTEM[pod.spec.priorityClassName]
        if (system === undefined) throw forbidden(definition, name, `no PriorityClass with name ${pod.spec.priorityClassName} was found`)
        value = system
      } else if (found && !pod.spec.priorityClassName) pod.spec.priorityClassName = found.metadata.name
      const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority'
      if (pod.spec.priority !== undefined && pod.spec.priority !== value)
        throw forbidden(
          definition,
          name,
          `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
        )
      if (pod.spec.preemptionPolicy !== undefined && pod.spec.preemptionPolicy !== policy)
        throw forbidden(
          definition,
          name,
          `the string value of PreemptionPolicy (${pod.spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
        )
      pod.spec.priority = value
      pod.spec.preemptionPolicy = policy
    },
  }
}
