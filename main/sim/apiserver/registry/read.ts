import { storeKey } from '../../store/store.ts'
import type { ResourceDefinition } from '../definition.ts'
import type { KubeObject } from '../object.ts'
import type { Plan } from '../request.ts'
import { notFound } from '../status.ts'
import type { Registry } from './environment.ts'

/** The plan of GET on one object. */
export const getPlan = (registry: Registry, definition: ResourceDefinition, namespace: string, name: string): Plan => ({
  commit: (): KubeObject => {
    const object = registry.bucketOf(definition).get(storeKey(definition.namespaced ? namespace : undefined, name))
    if (!object) throw notFound(definition, name)
    return object
  },
})
