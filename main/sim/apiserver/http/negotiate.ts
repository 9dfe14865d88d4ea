import { ApiError } from '../errors.ts'

/** How the client wants an answer. */
export interface Representation {
  readonly format: 'json' | 'yaml'
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  /** v1beta1 of meta.k8s.io is the same but for its name. */
  readonly metaVersion: 'v1' | 'v1beta1'
  readonly pretty: boolean
}

interface MediaRange {
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
  readonly q: number
}

/** The ranges of an Accept header, the most wanted first. */
export const mediaRanges = (accept: string | undefined): MediaRange[] =>
  (accept?.trim() ? accept : '*/*')
    .split(',')
    .map(range => {
      const [type = '', ...rest] = range.split(';').map(part => part.trim())
      const parameters = Object.fromEntries(
        rest.map(part => [part.slice(0, part.indexOf('=')).toLowerCase(), part.slice(part.indexOf('=') + 1).replace(/^"|"$/g, '')]),
      )
      return { type: type.toLowerCase(), parameters, q: parameters['q'] === undefined ? 1 : Number(parameters['q']) || 0 }
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)

const JSON_TYPES = new Set(['application/json', 'application/*', '*/*', 'application/vnd.kubernetes.protobuf'])
const AVAILABLE = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
const STREAMS = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch'
const TRANSFORMS = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'])

/** Chooses among what is served; protobuf is answered with JSON, which every client that asks for it understands. Throws 406. */
export const negotiate = (accept: string | undefined, { pretty, watchable }: { pretty: boolean; watchable: boolean }): Representation => {
  let unknownTransform = false
  for (const { type, parameters } of mediaRanges(accept)) {
    const format = JSON_TYPES.has(type) ? 'json' : type === 'application/yaml' ? 'yaml' : undefined
    if (!format) continue
    const { as, g, v } = parameters
    if (as === undefined) return { format, as: 'object', metaVersion: 'v1', pretty }
    if (TRANSFORMS.has(as) && g === 'meta.k8s.io' && (v === 'v1' || v === 'v1beta1')) return { format, as: as as Representation['as'], metaVersion: v, pretty }
    unknownTransform = true
  }
  if (unknownTransform) throw new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${AVAILABLE}`)
  throw new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${AVAILABLE}${watchable ? `, ${STREAMS}` : ''}`, {})
}

/** Browsers and the like get indented JSON, as does `pretty=true` (handlers/negotiation isPrettyPrint). */
export const wantsPretty = (query: URLSearchParams, userAgent: string | undefined): boolean => {
  const asked = query.get('pretty')
  if (asked !== null) return asked !== 'false' && asked !== '0'
  return /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent ?? '')
}
