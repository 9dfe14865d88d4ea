/** metadata of any Kubernetes object, as it stands in JSON. Times are RFC 3339 texts. */
export interface ObjectMeta {
  name: string
  namespace?: string
  generateName?: string
  uid: string
  resourceVersion: string
  generation?: number
  creationTimestamp: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
  managedFields?: ManagedFieldsEntry[]
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export interface ManagedFieldsEntry {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time?: string
  fieldsType: 'FieldsV1'
  fieldsV1: Record<string, unknown>
  subresource?: string
}

/**
 * Any object that the API server serves. Objects that came out of the API server are shared between everyone who
 * reads them: never change one, make a new one (spread, or structuredClone).
 */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** What a client may send to create an object: the server fills in the rest of metadata, and status. */
export type Draft<T extends KubeObject> = Omit<T, 'metadata' | 'status'> & { metadata: Partial<ObjectMeta> } & (T extends { status: infer S }
    ? { status?: S }
    : unknown)
