import type { Registry } from '../registry/environment.ts'
import { DEFAULT_CLASS } from '../resources/ingress.ts'
import type { Ingress, IngressClass } from '../resources/types.ts'
import type { AdmissionPlugin } from './admission.ts'

const OLD_ANNOTATION = 'kubernetes.io/ingress.class'

/** An ingress that names no class gets the default one, the newest where there are several (plugin/network/defaultingressclass). */
export const defaultIngressClass = ({ store }: Registry): AdmissionPlugin => {
  const classes = store.bucket('networking.k8s.io/ingressclasses')
  return {
    name: 'DefaultIngressClass',
    mutate: ({ definition, plan, attributes, candidate }) => {
      if (definition?.resource !== 'ingresses' || plan.operation !== 'CREATE' || attributes.subresource) return
      const { metadata, spec } = candidate as Ingress
      if (spec.ingressClassName !== undefined || metadata.annotations?.[OLD_ANNOTATION] !== undefined) return
      const [first] = (classes.list() as readonly IngressClass[])
        .filter(({ metadata: { annotations } }) => annotations?.[DEFAULT_CLASS] === 'true')
        .sort((a, b) => Date.parse(b.metadata.creationTimestamp) - Date.parse(a.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1))
      if (first) spec.ingressClassName = first.metadata.name
    },
  }
}
