import type { FieldError, ResourceDefinition } from '../definition.ts'
import { forbiddenField, invalidValue, required, tooLong } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { parseJson } from '../schema/json.ts'
import { dataKey, MAX_DATA_BYTES } from './configmap.ts'
import { dns1123Subdomain } from './names.ts'
import { ageColumn, column, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { Secret } from './types.ts'

type Draft = Secret & { stringData?: Record<string, string> }

const jsonFault = (base64: string): string | undefined => {
  try {
    parseJson(Buffer.from(base64, 'base64').toString())
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const validate = (object: Secret): FieldError[] => {
  const errors: FieldError[] = []
  const data = object.data ?? {}
  let bytes = 0
  for (const key in data) {
    for (const message of dataKey(key)) errors.push(invalidValue(`data[${key}]`, key, message))
    bytes += Buffer.byteLength(data[key] ?? '', 'base64')
  }
  if (bytes > MAX_DATA_BYTES) errors.push(tooLong('data', MAX_DATA_BYTES))
  const needed = (...keys: string[]) => keys.filter(key => data[key] === undefined).map(key => required(`data[${key}]`, ''))
  switch (object.type) {
    case 'kubernetes.io/service-account-token':
      if (!object.metadata.annotations?.['kubernetes.io/service-account.name'])
        errors.push(required('metadata.annotations[kubernetes.io/service-account.name]', ''))
      break
    case 'kubernetes.io/dockercfg':
    case 'kubernetes.io/dockerconfigjson': {
      const key = object.type === 'kubernetes.io/dockercfg' ? '.dockercfg' : '.dockerconfigjson'
      const fault = data[key] === undefined ? undefined : jsonFault(data[key])
      if (data[key] === undefined) errors.push(required(`data[${key}]`, ''))
      else if (fault) errors.push(invalidValue(`data[${key}]`, '<secret contents redacted>', fault))
      break
    }
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) errors.push(...needed('username', 'password'))
      break
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.push(required('data[ssh-privatekey]', ''))
      break
    case 'kubernetes.io/tls':
      errors.push(...needed('tls.crt', 'tls.key'))
  }
  return errors
}

export const secret: ResourceDefinition<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  resource: 'secrets',
  singular: 'secret',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Secret',
  storageVersionHash: 'S6u1pOWzb84=',
  validateName: dns1123Subdomain,
  defaults: (draft: Draft) => {
    draft.type ||= 'Opaque'
    // stringData is for writing only: it goes into data, over what stands there.
    if (draft.stringData) {
      draft.data = { ...draft.data, ...Object.fromEntries(Object.entries(draft.stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')])) }
      delete draft.stringData
    }
  },
  validate,
  validateUpdate: (object, old) => {
    const errors: FieldError[] = []
    if (object.type !== old.type) errors.push(invalidValue('type', object.type, 'field is immutable'))
    if (old.immutable) {
      if (!object.immutable) errors.push(forbiddenField('immutable', 'field is immutable when `immutable` is set'))
      if (!equalJson(object.data, old.data)) errors.push(forbiddenField('data', 'field is immutable when `immutable` is set'))
    }
    return errors
  },
  selectableFields: { type: object => object.type },
  table: {
    columns: [nameColumn, column('Type', 'What the data is for.'), column('Data', 'Number of entries.'), ageColumn],
    cells: ({ metadata, type, data }, now) => [metadata.name, type, Object.keys(data ?? {}).length, since(metadata.creationTimestamp, now)],
  },
}
