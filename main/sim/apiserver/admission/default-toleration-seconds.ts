import type { Pod } from '../resources/types.ts'
import type { AdmissionPlugin } from './admission.ts'

const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const SECONDS = 300

/** A pod outlives its node's silence by five minutes, unless it says otherwise (plugin/defaulttolerationseconds). */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate: ({ definition, plan, attributes, candidate }) => {
    if (definition?.resource !== 'pods' || definition.group !== '' || !['CREATE', 'UPDATE'].includes(plan.operation ?? '') || attributes.subresource) return
    const { spec } = candidate as Pod
    if (!spec) return
    for (const key of TAINTS) {
      const tolerated = spec.tolerations?.some(({ key: own, effect }) => (own === key || !own) && (effect === 'NoExecute' || !effect))
      if (!tolerated) (spec.tolerations ??= []).push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS })
    }
  },
}
