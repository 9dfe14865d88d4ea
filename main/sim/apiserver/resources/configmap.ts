import type { FieldError, ResourceDefinition } from '../definition.ts'
import { forbiddenField, invalidValue, tooLong } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { dns1123Subdomain } from './names.ts'
import { ageColumn, column, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { ConfigMap } from './types.ts'

/** Also what a Secret may hold (core.MaxSecretSize). */
export const MAX_DATA_BYTES = 1024 * 1024

/** Checks the keys of a ConfigMap's or Secret's data (IsConfigMapKey). */
export const dataKey = (key: string): string[] => {
  if (key.length > 253) return ['must be no more than 253 characters']
  if (!/^[-._a-zA-Z0-9]+$/.test(key))
    return [
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ]
  if (key === '.') return ["must not be '.'"]
  if (key === '..') return ["must not be '..'"]
  return key.startsWith('..') ? ["must not start with '..'"] : []
}

const validate = (object: ConfigMap): FieldError[] => {
  const errors: FieldError[] = []
  let bytes = 0
  for (const key in object.data) {
    for (const message of dataKey(key)) errors.push(invalidValue(`data[${key}]`, key, message))
    if (object.binaryData && Object.hasOwn(object.binaryData, key)) errors.push(invalidValue(`data[${key}]`, key, `duplicate of key present in binaryData`))
    bytes += Buffer.byteLength(object.data[key]!)
  }
  for (const key in object.binaryData) {
    for (const message of dataKey(key)) errors.push(invalidValue(`binaryData[${key}]`, key, message))
    bytes += Buffer.byteLength(object.binaryData[key] ?? '', 'base64')
  }
  if (bytes > MAX_DATA_BYTES) errors.push(tooLong('[]', MAX_DATA_BYTES))
  return errors
}

export const configMap: ResourceDefinition<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ConfigMap',
  storageVersionHash: 'qFsyl6wFWjQ=',
  validateName: dns1123Subdomain,
  validate,
  validateUpdate: (object, old) => {
    if (!old.immutable) return []
    return [
      ...(object.immutable ? [] : [forbiddenField('immutable', 'field is immutable when `immutable` is set')]),
      ...(['data', 'binaryData'] as const)
        .filter(key => !equalJson(object[key], old[key]))
        .map(key => forbiddenField(key, 'field is immutable when `immutable` is set')),
    ]
  },
  table: {
    columns: [nameColumn, column('Data', 'Number of entries.'), ageColumn],
    cells: ({ metadata, data, binaryData }, now) => [
      metadata.name,
      Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
      since(metadata.creationTimestamp, now),
    ],
  },
}
