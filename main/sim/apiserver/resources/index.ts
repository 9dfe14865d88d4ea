import type { ResourceDefinition } from '../definition.ts'

/** Every kind that the API server serves, in the order of upstream's discovery. */
export const definitions: readonly ResourceDefinition[] = []
