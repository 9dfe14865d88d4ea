import type { FieldError } from '../definition.ts'
import { forbiddenField, invalidValue, required } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import type { KubeObject, ObjectMeta } from '../object.ts'
import { asPrefix, dns1123Label, labelValue, qualifiedName } from './names.ts'

// k8s.io/apimachinery/pkg/api/validation: what holds for the metadata of every kind.

const MAX_ANNOTATION_BYTES = 256 * 1024

export const validateLabels = (labels: Readonly<Record<string, string>> | undefined, field: string): FieldError[] => {
  const errors: FieldError[] = []
  for (const key in labels) {
    for (const message of qualifiedName(key)) errors.push(invalidValue(field, key, message))
    for (const message of labelValue(labels[key]!)) errors.push(invalidValue(field, labels[key], message))
  }
  return errors
}

export const validateAnnotations = (annotations: Readonly<Record<string, string>> | undefined, field: string): FieldError[] => {
  const errors: FieldError[] = []
  let bytes = 0
  for (const key in annotations) {
    for (const message of qualifiedName(key.toLowerCase())) errors.push(invalidValue(field, key, message))
    bytes += key.length + annotations[key]!.length
  }
  if (bytes > MAX_ANNOTATION_BYTES) errors.push({ reason: 'FieldValueTooLong', message: `Too long: may not be more than ${MAX_ANNOTATION_BYTES} bytes`, field })
  return errors
}

const coreFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

const validateFinalizers = (finalizers: readonly string[], field: string): FieldError[] => {
  const errors: FieldError[] = []
  for (const finalizer of finalizers) {
    for (const message of qualifiedName(finalizer)) errors.push(invalidValue(field, finalizer, message))
    if (!finalizer.includes('/') && !coreFinalizers.has(finalizer)) errors.push(invalidValue(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'))
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) errors.push(invalidValue(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  return errors
}

const validateOwners = (owners: NonNullable<ObjectMeta['ownerReferences']>, field: string): FieldError[] => {
  const errors: FieldError[] = []
  let controller: string | undefined
  for (const [index, owner] of owners.entries()) {
    const at = `${field}[${index}]`
    const slash = owner.apiVersion.split('/')
    if (slash.length > 2 || owner.apiVersion === '') errors.push(invalidValue(`${at}.apiVersion`, owner.apiVersion, 'version must not be empty'))
    if (owner.kind === '') errors.push(invalidValue(`${at}.kind`, owner.kind, 'must not be empty'))
    if (owner.name === '') errors.push(invalidValue(`${at}.name`, owner.name, 'must not be empty'))
    if (owner.uid === '') errors.push(invalidValue(`${at}.uid`, owner.uid, 'must not be empty'))
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') errors.push(invalidValue(at, owner, 'v1, Kind=Event is disallowed from being an owner'))
    if (!owner.controller) continue
    if (controller !== undefined) errors.push(invalidValue(field, owners, `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`))
    controller ??= owner.name
  }
  return errors
}

/**
 * Checks metadata of an object that is to be created or replaced (ValidateObjectMetaAccessor).
 * `validateName` is the rule of the kind, `field` where metadata stands.
 */
export const validateObjectMeta = (meta: Partial<ObjectMeta>, namespaced: boolean, validateName: (name: string) => string[], field = 'metadata'): FieldError[] => {
  const errors: FieldError[] = []
  if (meta.generateName) for (const message of asPrefix(validateName)(meta.generateName)) errors.push(invalidValue(`${field}.generateName`, meta.generateName, message))
  if (!meta.name) errors.push(required(`${field}.name`, 'name or generateName is required'))
  else for (const message of validateName(meta.name)) errors.push(invalidValue(`${field}.name`, meta.name, message))
  if (namespaced) {
    if (!meta.namespace) errors.push(required(`${field}.namespace`, ''))
    else for (const message of dns1123Label(meta.namespace)) errors.push(invalidValue(`${field}.namespace`, meta.namespace, message))
  } else if (meta.namespace) errors.push(forbiddenField(`${field}.namespace`, 'not allowed on this type'))
  if (meta.generation !== undefined && meta.generation < 0) errors.push(invalidValue(`${field}.generation`, meta.generation, 'must be greater than or equal to 0'))
  if (meta.labels) errors.push(...validateLabels(meta.labels, `${field}.labels`))
  if (meta.annotations) errors.push(...validateAnnotations(meta.annotations, `${field}.annotations`))
  if (meta.ownerReferences) errors.push(...validateOwners(meta.ownerReferences, `${field}.ownerReferences`))
  if (meta.finalizers) errors.push(...validateFinalizers(meta.finalizers, `${field}.finalizers`))
  return errors
}

const IMMUTABLE = 'field is immutable'

/** What an update may not change in metadata (ValidateObjectMetaAccessorUpdate). */
export const validateObjectMetaUpdate = (object: KubeObject, old: KubeObject, field = 'metadata'): FieldError[] => {
  const errors: FieldError[] = []
  const [now, before] = [object.metadata, old.metadata]
  if (before.deletionTimestamp && now.finalizers) {
    const added = now.finalizers.filter(finalizer => !before.finalizers?.includes(finalizer)).sort()
    if (added.length > 0) errors.push(forbiddenField(`${field}.finalizers`, `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map(text => JSON.stringify(text)).join(', ')}}`))
  }
  const fixed = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const
  for (const key of fixed) if (!equalJson(now[key], before[key])) errors.push(invalidValue(`${field}.${key}`, now[key] ?? '', IMMUTABLE))
  if ((now.generation ?? 0) < (before.generation ?? 0)) errors.push(invalidValue(`${field}.generation`, now.generation ?? 0, 'must not be decremented'))
  if (now.ownerReferences && now.ownerReferences !== before.ownerReferences) errors.push(...validateOwners(now.ownerReferences, `${field}.ownerReferences`))
  if (now.labels && now.labels !== before.labels) errors.push(...validateLabels(now.labels, `${field}.labels`))
  if (now.annotations && now.annotations !== before.annotations) errors.push(...validateAnnotations(now.annotations, `${field}.annotations`))
  return errors
}

