import type { FieldError, ResourceDefinition } from './definition.ts'
import { ApiError, type Status, type StatusCause } from './errors.ts'

// The errors of k8s.io/apimachinery/pkg/api/errors, in its words.

/** `pods`, `deployments.apps`. */
export const qualifiedResource = ({ group, resource }: { group: string; resource: string }): string => (group ? `${resource}.${group}` : resource)

const detailsOf = (definition: { group: string; resource: string }, name: string | undefined): Status['details'] => ({
  ...(name && { name }),
  ...(definition.group && { group: definition.group }),
  kind: definition.resource,
})

export const notFound = (definition: { group: string; resource: string }, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualifiedResource(definition)} "${name}" not found`, detailsOf(definition, name))

/** The path names nothing that is served. */
export const noSuchResource = (): ApiError => new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})

export const alreadyExists = (definition: ResourceDefinition, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${qualifiedResource(definition)} "${name}" already exists`, detailsOf(definition, name))

export const conflict = (definition: { group: string; resource: string }, name: string, message: string): ApiError =>
  new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${qualifiedResource(definition)} "${name}": ${message}`, detailsOf(definition, name))

/** The resourceVersion that came in is not the stored one. */
export const staleResourceVersion = (definition: ResourceDefinition, name: string): ApiError =>
  conflict(definition, name, 'the object has been modified; please apply your changes to the latest version and try again')

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message)

/** An error that the real server lets through without a reason. */
export const unknownError = (message: string): ApiError => new ApiError(500, undefined, message)

export const internalError = (message: string): ApiError => new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })

/** The path is served, the method is not. */
export const methodNotAllowed = (): ApiError => new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized')

/** Refused by an admission plugin. */
export const forbidden = (definition: { group: string; resource: string }, name: string, message: string, causes?: StatusCause[]): ApiError =>
  new ApiError(403, 'Forbidden', `${qualifiedResource(definition)} ${JSON.stringify(name)} is forbidden: ${message}`, {
    ...detailsOf(definition, name),
    ...(causes && { causes }),
  })

export const expired = (message: string): ApiError => new ApiError(410, 'Expired', message)

export const tooManyRequests = (message: string, causes: StatusCause[], retryAfterSeconds?: number): ApiError =>
  new ApiError(429, 'TooManyRequests', message, { causes, ...(retryAfterSeconds && { retryAfterSeconds }) })

/** 422 with one cause for each field; the message lists each text once. */
export const invalid = (kind: { group: string; kind: string }, name: string, errors: readonly FieldError[]): ApiError => {
  const texts = [...new Set(errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)))]
  const what = kind.group ? `${kind.kind}.${kind.group}` : kind.kind
  return new ApiError(422, 'Invalid', `${what} ${JSON.stringify(name)} is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`, {
    ...(name && { name }),
    ...(kind.group && { group: kind.group }),
    kind: kind.kind,
    causes: errors.map(({ reason, message, field }) => ({ reason, message, ...(field && { field }) })),
  })
}
