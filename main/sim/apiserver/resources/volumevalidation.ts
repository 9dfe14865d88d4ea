import type { FieldError } from '../definition.ts'
import { duplicateValue, forbiddenField, invalidValue, notSupported, required } from '../fielderrors.ts'
import { descendingPath } from './containervalidation.ts'
import { dns1123Label } from './names.ts'
import type { PodSpec } from './types.ts'

type Volume = NonNullable<PodSpec['volumes']>[number]

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

const fileMode = (mode: number | undefined, field: string): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > 0o777) ? [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')] : []

const keyToPath = (items: readonly { key: string; path: string; mode?: number }[] | undefined, field: string): FieldError[] =>
  (items ?? []).flatMap((item, index) => {
    const at = `${field}.items[${index}]`
    return [
      ...(item.key ? [] : [required(`${at}.key`, '')]),
      ...(item.path ? descendingPath(item.path, `${at}.path`) : [required(`${at}.path`, '')]),
      ...fileMode(item.mode, `${at}.mode`),
    ]
  })

/** Kinds of volume in the order in which the real server looks, and what each must have. */
const sources: { readonly [Key in keyof Volume]?: (source: NonNullable<Volume[Key]>, field: string) => FieldError[] } = {
  emptyDir: () => [],
  hostPath: ({ path, type }, field) => [
    ...(path ? (path.split('/').includes('..') ? [invalidValue(`${field}.path`, path, "must not contain '..'")] : []) : [required(`${field}.path`, '')]),
    ...(type !== undefined && !HOST_PATH_TYPES.includes(type) ? [notSupported(`${field}.type`, type, HOST_PATH_TYPES)] : []),
  ],
  secret: ({ secretName, defaultMode, items }, field) => [
    ...(secretName ? [] : [required(`${field}.secretName`, '')]),
    ...fileMode(defaultMode, `${field}.defaultMode`),
    ...keyToPath(items, field),
  ],
  nfs: ({ server, path }, field) => [
    ...(server ? [] : [required(`${field}.server`, '')]),
    ...(path ? (path.startsWith('/') ? [] : [invalidValue(`${field}.path`, path, 'must be an absolute path')]) : [required(`${field}.path`, '')]),
  ],
  downwardAPI: ({ defaultMode }, field) => fileMode(defaultMode, `${field}.defaultMode`),
  configMap: ({ name, defaultMode, items }, field) => [
    ...(name ? [] : [required(`${field}.name`, '')]),
    ...fileMode(defaultMode, `${field}.defaultMode`),
    ...keyToPath(items, field),
  ],
  projected: ({ defaultMode, sources: list }, field) => [
    ...fileMode(defaultMode, `${field}.defaultMode`),
    ...(list ?? []).flatMap((source, index) => {
      const at = `${field}.sources[${index}]`
      const count = Object.keys(source).length
      if (count > 1) return [forbiddenField(at, 'may not specify more than 1 volume type per source')]
      if (count === 0) return [required(at, 'must specify a source')]
      const { serviceAccountToken: token } = source
      return [
        ...(source.secret ? [...(source.secret.name ? [] : [required(`${at}.secret.name`, '')]), ...keyToPath(source.secret.items, `${at}.secret`)] : []),
        ...(source.configMap
          ? [...(source.configMap.name ? [] : [required(`${at}.configMap.name`, '')]), ...keyToPath(source.configMap.items, `${at}.configMap`)]
          : []),
        ...(token?.expirationSeconds !== undefined && token.expirationSeconds < 600
          ? [invalidValue(`${at}.serviceAccountToken.expirationSeconds`, token.expirationSeconds, 'may not specify a duration less than 10 minutes')]
          : []),
        ...(token ? (token.path ? descendingPath(token.path, `${at}.serviceAccountToken.path`) : [required(`${at}.serviceAccountToken.path`, '')]) : []),
      ]
    }),
  ],
  persistentVolumeClaim: ({ claimName }, field) => (claimName ? [] : [required(`${field}.claimName`, '')]),
}

const validateSource = (volume: Volume, field: string): FieldError[] => {
  const errors: FieldError[] = []
  let count = 0
  const kinds = [...Object.keys(sources), ...Object.keys(volume).filter(key => key !== 'name' && !(key in sources))] as (keyof Volume)[]
  for (const kind of kinds) {
    if (volume[kind] === undefined) continue
    if (count++ > 0) errors.push(forbiddenField(`${field}.${kind}`, 'may not specify more than 1 volume type'))
    else errors.push(...((sources[kind] as ((source: unknown, field: string) => FieldError[]) | undefined)?.(volume[kind], `${field}.${kind}`) ?? []))
  }
  return count === 0 ? [required(field, 'must specify a volume type')] : errors
}

/** Checks volumes; gives the names that mounts may use, which are those of all volumes without an error. */
export const validateVolumes = (
  volumes: readonly Volume[] | undefined,
  field: string,
): { readonly errors: FieldError[]; readonly names: ReadonlySet<string> } => {
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [index, volume] of (volumes ?? []).entries()) {
    const at = `${field}[${index}]`
    const wrong = validateSource(volume, at)
    if (!volume.name) wrong.push(required(`${at}.name`, ''))
    else for (const message of dns1123Label(volume.name)) wrong.push(invalidValue(`${at}.name`, volume.name, message))
    if (names.has(volume.name)) wrong.push(duplicateValue(`${at}.name`, volume.name))
    if (wrong.length === 0) names.add(volume.name)
    errors.push(...wrong)
  }
  return { errors, names }
}
