import type { FieldError, ResourceDefinition } from './definition.ts'
import { forbiddenField, invalidValue, required, tooLong } from './fielderrors.ts'
import { equalJson } from './json.ts'
import type { KubeObject, ObjectMeta } from './object.ts'
import { labelValue, qualifiedName } from './resources/names.ts'

// Checks of metadata that hold for every kind (k8s.io/apimachinery/pkg/api/validation/objectmeta.go and
// pkg/util/validation), in its words.

const ANNOTATIONS_LIMIT = 256 * 1024

/** Checks metadata.labels, or the labels at another path. */
export const labelErrors = (labels: Record<string, string> | undefined, field: string): FieldError[] => {
  const errors: FieldError[] = []
  for (const key of Object.keys(labels ?? {})) {
    for (const text of qualifiedName(key)) errors.push(invalidValue(field, key, text))
    for (const text of labelValue(labels![key]!)) errors.push(invalidValue(field, labels![key], text))
  }
  return errors
}

/** Checks metadata.annotations, or the annotations at another path. */
export const annotationErrors = (annotations: Record<string, string> | undefined, field = 'metadata.annotations'): FieldError[] => {
  const errors: FieldError[] = []
  let size = 0
  for (const key of Object.keys(annotations ?? {})) {
    size += key.length + Buffer.byteLength(annotations![key]!)
    for (const text of qualifiedName(key.toLowerCase())) errors.push(invalidValue(field, key, text))
  }
  if (size > ANNOTATIONS_LIMIT) errors.push(tooLong(field, ANNOTATIONS_LIMIT))
  return errors
}

const ownerErrors = (meta: ObjectMeta): FieldError[] => {
  const errors: FieldError[] = []
  let controller: string | undefined
  for (const [index, owner] of (meta.ownerReferences ?? []).entries()) {
    const at = `metadata.ownerReferences[${index}]`
    if (!owner.apiVersion) errors.push(invalidValue(`${at}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'))
    if (!owner.kind) errors.push(invalidValue(`${at}.kind`, owner.kind ?? '', 'must not be empty'))
    if (!owner.name) errors.push(invalidValue(`${at}.name`, owner.name ?? '', 'must not be empty'))
    if (!owner.uid) errors.push(invalidValue(`${at}.uid`, owner.uid ?? '', 'must not be empty'))
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') errors.push(invalidValue(at, owner, '/v1, Kind=Event is disallowed from being an owner'))
    if (!owner.controller) continue
    const name = `${owner.kind}/${owner.name}`
    if (controller)
      errors.push(
        invalidValue(
          'metadata.ownerReferences',
          meta.ownerReferences,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`,
        ),
      )
    controller = name
  }
  return errors
}

const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

const finalizerErrors = (finalizers: readonly string[] | undefined): FieldError[] => {
  const errors: FieldError[] = []
  for (const [index, finalizer] of (finalizers ?? []).entries()) {
    for (const text of qualifiedName(finalizer)) errors.push(invalidValue('metadata.finalizers', finalizer, text))
    if (!finalizer.includes('/') && !STANDARD_FINALIZERS.has(finalizer))
      errors.push(invalidValue(`metadata.finalizers[${index}]`, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'))
  }
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.push(invalidValue('metadata.finalizers', finalizers, `finalizer ${'foregroundDeletion'} and ${'orphan'} cannot be both set`))
  return errors
}

/** ValidateObjectMeta. */
export const metadataErrors = (definition: ResourceDefinition, { metadata }: KubeObject): FieldError[] => {
  const errors: FieldError[] = []
  if (metadata.generateName) {
    // A generated name ends in characters that are always right, so a prefix may end in a dash.
    const prefix = metadata.generateName.endsWith('-') ? `${metadata.generateName.slice(0, -1)}a` : metadata.generateName
    for (const text of definition.validateName(prefix)) errors.push(invalidValue('metadata.generateName', metadata.generateName, text))
  }
  if (!metadata.name) errors.push(required('metadata.name', 'name or generateName is required'))
  else for (const text of definition.validateName(metadata.name)) errors.push(invalidValue('metadata.name', metadata.name, text))
  if (metadata.labels) errors.push(...labelErrors(metadata.labels, 'metadata.labels'))
  if (metadata.annotations) errors.push(...annotationErrors(metadata.annotations))
  if (metadata.ownerReferences) errors.push(...ownerErrors(metadata))
  if (metadata.finalizers) errors.push(...finalizerErrors(metadata.finalizers))
  return errors
}

/** ValidateObjectMetaUpdate, after the server has put back what clients may not change. */
export const metadataUpdateErrors = (candidate: KubeObject, old: KubeObject): FieldError[] => {
  const { metadata } = candidate
  const errors: FieldError[] = []
  if (old.metadata.deletionTimestamp) {
    const fresh = (metadata.finalizers ?? []).filter(finalizer => !old.metadata.finalizers?.includes(finalizer))
    if (fresh.length > 0)
      errors.push(
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${fresh.map(text => JSON.stringify(text)).join(', ')}}`,
        ),
      )
  }
  if (!equalJson(metadata.labels, old.metadata.labels)) errors.push(...labelErrors(metadata.labels, 'metadata.labels'))
  if (!equalJson(metadata.annotations, old.metadata.annotations)) errors.push(...annotationErrors(metadata.annotations))
  if (!equalJson(metadata.ownerReferences, old.metadata.ownerReferences)) errors.push(...ownerErrors(metadata))
  if (!equalJson(metadata.finalizers, old.metadata.finalizers)) errors.push(...finalizerErrors(metadata.finalizers))
  return errors
}

/** Members of metadata in the order in which Go writes them; `resourceVersion` has its place before the store gives it. */
const ORDER = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const

/** The same metadata in the server's order, without what the server does not know. */
export const orderedMetadata = (metadata: ObjectMeta): ObjectMeta => {
  const ordered: Record<string, unknown> = {}
  for (const member of ORDER) {
    const value = metadata[member]
    if (value !== undefined) ordered[member] = value
    else if (member === 'resourceVersion') ordered[member] = ''
  }
  return ordered as unknown as ObjectMeta
}
