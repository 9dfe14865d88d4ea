import type { ResourceDefinition } from '../definition.ts'
import type { Plan } from '../request.ts'
import { noSuchResource } from '../status.ts'
import { bindingPlan } from '../subresources/binding.ts'
import { evictionPlan } from '../subresources/eviction.ts'
import type { Registry } from './environment.ts'

/** The plan of POST on a subresource that takes a body of another kind. */
export const postPlan = (registry: Registry, definition: ResourceDefinition, namespace: string, name: string, subresource: string, body: object): Plan => {
  if (definition.group === '' && definition.resource === 'pods') {
    if (subresource === 'binding') return bindingPlan(registry, definition, namespace, name, body)
    if (subresource === 'eviction') return evictionPlan(registry, definition, namespace, name, body)
  }
  throw noSuchResource()
}
