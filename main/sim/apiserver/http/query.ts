import type { DeleteOptions } from '../../client/client.ts'
import { ApiError } from '../errors.ts'
import type { FieldError } from '../definition.ts'
import { forbiddenField, invalidValue, notSupported } from '../fielderrors.ts'
import { isObject } from '../json.ts'
import type { WriteOptions } from '../request.ts'
import { badRequest, invalid } from '../status.ts'
import { flag } from './paths.ts'

// The options of meta/v1 as they stand in a query, with the checks of k8s.io/apimachinery/pkg/apis/meta/v1/validation.

const optionsKind = (kind: string) => ({ group: 'meta.k8s.io', kind })

/** Go's strconv.ParseInt; throws 400 in its words. */
const integer = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

export interface ListQuery {
  readonly labelSelector: string | undefined
  readonly fieldSelector: string | undefined
  readonly limit: number
  readonly continue: string
  readonly resourceVersion: string
  readonly resourceVersionMatch: string
  readonly timeoutSeconds: number | undefined
  readonly allowWatchBookmarks: boolean
  readonly sendInitialEvents: boolean | undefined
}

/** Reads ListOptions; throws 400 and 422. */
export const listQuery = (query: URLSearchParams, watch: boolean): ListQuery => {
  const limit = Math.max(0, integer(query, 'limit') ?? 0)
  const timeoutSeconds = integer(query, 'timeoutSeconds')
  const resourceVersion = query.get('resourceVersion') ?? ''
  const resourceVersionMatch = query.get('resourceVersionMatch') ?? ''
  const sendInitialEvents = query.get('sendInitialEvents') === null ? undefined : flag(query.get('sendInitialEvents'))
  const errors: FieldError[] = []
  if (watch) {
    if (sendInitialEvents === undefined && resourceVersionMatch)
      errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
    if (sendInitialEvents !== undefined && !resourceVersionMatch)
      errors.push(forbiddenField('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
    if (resourceVersionMatch && resourceVersionMatch !== 'NotOlderThan')
      errors.push(notSupported('resourceVersionMatch', resourceVersionMatch, ['NotOlderThan']))
    if (query.get('continue')) errors.push(forbiddenField('continue', 'continue is forbidden for watch'))
  } else {
    if (sendInitialEvents !== undefined) errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
    if (resourceVersionMatch) {
      if (!resourceVersion) errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
      if (query.get('continue')) errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'))
      if (resourceVersionMatch !== 'Exact' && resourceVersionMatch !== 'NotOlderThan')
        errors.push(notSupported('resourceVersionMatch', resourceVersionMatch, ['Exact', 'NotOlderThan', '']))
      if (resourceVersionMatch === 'Exact' && resourceVersion === '0')
        errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    }
  }
  if (errors.length > 0) throw invalid(optionsKind('ListOptions'), '', errors)
  return {
    labelSelector: query.get('labelSelector') ?? undefined,
    fieldSelector: query.get('fieldSelector') ?? undefined,
    limit,
    continue: query.get('continue') ?? '',
    resourceVersion,
    resourceVersionMatch,
    timeoutSeconds,
    allowWatchBookmarks: flag(query.get('allowWatchBookmarks')),
    sendInitialEvents,
  }
}

const FIELD_MANAGER_MAX = 128

const dryRunErrors = (values: readonly string[]): FieldError[] =>
  values.every(value => value === 'All')
    ? []
    : [{ reason: 'FieldValueNotSupported', message: `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`, field: 'dryRun' }]

const VALIDATIONS = ['Ignore', 'Strict', 'Warn']

/** Reads Create-, Update- or PatchOptions; throws 422. */
export const writeQuery = (query: URLSearchParams, kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions', userAgent: string | undefined): WriteOptions => {
  const dryRun = query.getAll('dryRun')
  const fieldManager = query.get('fieldManager') ?? ''
  const fieldValidation = query.get('fieldValidation') ?? ''
  const errors = dryRunErrors(dryRun)
  if (fieldManager.length > FIELD_MANAGER_MAX)
    errors.push({ reason: 'FieldValueTooLong', message: `Too long: may not be more than ${FIELD_MANAGER_MAX} bytes`, field: 'fieldManager' })
  for (const [position, character] of [...fieldManager].entries()) {
    if (!/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(character)) continue
    const code = character.codePointAt(0)!
    const shown = JSON.stringify(fieldManager).replace(/\\u00([0-9a-f]{2})/g, '\\x$1')
    errors.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${shown}: invalid character U+${code.toString(16).toUpperCase().padStart(4, '0')} (at position ${position})`,
      field: 'fieldManager',
    })
    break
  }
  if (fieldValidation && !VALIDATIONS.includes(fieldValidation)) errors.push(notSupported('fieldValidation', fieldValidation, ['', ...VALIDATIONS]))
  if (errors.length > 0) throw invalid(optionsKind(kind), '', errors)
  return {
    dryRun: dryRun.length > 0,
    // Without one, the first part of the user agent names the manager (handlers/create.go managerOrUserAgent).
    fieldManager: fieldManager || (userAgent ?? '').split('/')[0]!.slice(0, FIELD_MANAGER_MAX) || 'unknown',
    fieldValidation: (fieldValidation || 'Warn') as WriteOptions['fieldValidation'],
  }
}

/** DeleteOptions from the body, or from the query where there is none; throws 400 and 422. */
export const deleteQuery = (query: URLSearchParams, body: unknown): { readonly options: DeleteOptions; readonly dryRun: boolean } => {
  const from: Record<string, unknown> = isObject(body)
    ? body
    : {
        gracePeriodSeconds: integer(query, 'gracePeriodSeconds'),
        propagationPolicy: query.get('propagationPolicy') ?? undefined,
        orphanDependents: query.get('orphanDependents') === null ? undefined : flag(query.get('orphanDependents')),
        dryRun: query.getAll('dryRun'),
      }
  const dryRun = [...((from['dryRun'] as string[] | undefined) ?? []), ...(isObject(body) ? query.getAll('dryRun') : [])]
  const policy = from['propagationPolicy'] as DeleteOptions['propagationPolicy']
  const orphan = from['orphanDependents'] as boolean | undefined
  const errors: FieldError[] = []
  if (policy !== undefined && orphan !== undefined)
    errors.push(invalidValue('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'))
  else if (policy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(policy))
    errors.push(notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']))
  errors.push(...dryRunErrors(dryRun))
  if (errors.length > 0) throw invalid(optionsKind('DeleteOptions'), '', errors)
  const grace = from['gracePeriodSeconds']
  if (grace !== undefined && grace !== null && !Number.isInteger(grace)) throw badRequest('gracePeriodSeconds must be an integer')
  return {
    dryRun: dryRun.length > 0,
    options: {
      ...(typeof grace === 'number' && { gracePeriodSeconds: grace }),
      ...(policy !== undefined
        ? { propagationPolicy: policy }
        : orphan !== undefined
          ? { propagationPolicy: orphan ? ('Orphan' as const) : ('Background' as const) }
          : {}),
      ...(isObject(from['preconditions']) && { preconditions: from['preconditions'] as NonNullable<DeleteOptions['preconditions']> }),
    },
  }
}

/** 504 where a revision is asked for that does not exist yet. */
export const tooLargeResourceVersion = (wanted: string, current: number): ApiError =>
  new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
