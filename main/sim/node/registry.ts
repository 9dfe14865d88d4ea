import { createHash } from 'node:crypto'
import { imageByRepository } from './images/index.ts'
import type { Image } from './images/image.ts'

/** An image name in full (github.com/distribution/reference): `docker.io/library/nginx`, tag or digest. */
export interface ImageReference {
  readonly repository: string
  readonly tag: string
  readonly digest?: string
  /** repository:tag, or repository@digest. */
  readonly full: string
}

export type Resolved =
  | { readonly image: Image; readonly reference: ImageReference; readonly digest: string; readonly sizeBytes: number }
  | { readonly error: string }

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const HOST = /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.[a-zA-Z0-9-]+)*(?::\d+)?$/

/** Normalises what stands in a pod; or says, as the kubelet does, why it cannot be an image name. */
export const parseReference = (name: string): ImageReference | { readonly invalid: string } => {
  const [named, digest] = name.split('@') as [string, string?]
  const slash = named.lastIndexOf('/')
  const colon = named.indexOf(':', slash + 1)
  const path = colon < 0 ? named : named.slice(0, colon)
  const tag = colon < 0 ? 'latest' : named.slice(colon + 1)
  const first = path.split('/')[0]!
  const hasHost = path.includes('/') && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  const host = hasHost ? first : 'docker.io'
  const rest = hasHost ? path.slice(first.length + 1) : path.includes('/') ? path : `library/${path}`
  const invalid = (why: string) => ({
    invalid: `Failed to apply default image tag "${name}": couldn't parse image name "${name}": invalid reference format${why}`,
  })
  if (/[A-Z]/.test(rest)) return invalid(': repository name (' + rest + ') must be lowercase')
  if (!NAME.test(rest) || !HOST.test(host) || !/^\w[\w.-]{0,127}$/.test(tag) || (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)))
    return invalid('')
  const repository = `${host}/${rest}`
  return { repository, tag, digest, full: digest ? `${repository}@${digest}` : `${repository}:${tag}` }
}

const REGISTRIES = new Set(['docker.io', 'registry.k8s.io', 'gcr.io', 'ghcr.io', 'quay.io', 'k8s.gcr.io', 'public.ecr.aws', 'mcr.microsoft.com'])

const VARIANT = /^(alpine|slim|bookworm|trixie|bullseye|perl|apache|fpm|jammy|noble|otel|management|glibc|musl|uclibc|ubi|debian|rc|build|k3s|eks)[a-z0-9.]*$/

/** True for a version that was published: at most `newest`, with any of the usual variants behind it. */
const hasTag = (image: Image, tag: string): boolean => {
  if (tag === 'latest' || tag === 'stable' || image.tags?.includes(tag)) return true
  if (VARIANT.test(tag)) return true
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.\d+)?((?:[-.][a-z0-9.]+)*)$/.exec(tag)
  if (
    !match ||
    !match[3]!
      .split('-')
      .slice(1)
      .every(part => VARIANT.test(part) || /^[a-z]?\d[\w.]*$/.test(part))
  )
    return false
  if (image.newest === undefined) return true
  const [major = 0, minor = 0] = image.newest.split('.').map(Number)
  return Number(match[1]) < major || (Number(match[1]) === major && Number(match[2] ?? 0) <= minor)
}

const digestOf = (full: string) => `sha256:${createHash('sha256').update(full).digest('hex')}`

/** Asks the registry: what containerd would answer, word for word where it refuses. */
export const resolveImage = (reference: ImageReference): Resolved => {
  const head = `failed to pull and unpack image "${reference.full}": failed to resolve reference "${reference.full}"`
  const host = reference.repository.slice(0, reference.repository.indexOf('/'))
  const path = reference.repository.slice(host.length + 1)
  const image = imageByRepository.get(reference.repository)
  if (image) {
    if (reference.digest ? reference.digest !== digestOf(`${reference.repository}:${reference.tag}`) : !hasTag(image, reference.tag))
      return { error: `rpc error: code = NotFound desc = ${head}: ${reference.full}: not found` }
    // Tags of one repository differ a little in size, and always by the same amount.
    const digest = digestOf(`${reference.repository}:${reference.tag}`)
    const shrink = /alpine|slim/.test(reference.tag) ? 0.3 : 1
    return {
      image,
      reference,
      digest,
      sizeBytes: Math.round(image.sizeBytes * shrink * (reference.tag === 'latest' ? 1 : 0.98 + parseInt(digest.slice(7, 10), 16) / 0xfff / 25)),
    }
  }
  if (!REGISTRIES.has(host)) {
    const name = host.replace(/:\d+$/, '')
    const verb = `failed to do request: Head "https://${host}/v2/${path}/manifests/${reference.tag}"`
    if (name === 'localhost' || /^[\d.]+$/.test(name))
      return { error: `${head}: ${verb}: dial tcp ${name === 'localhost' ? '127.0.0.1' : name}:${host.split(':')[1] ?? 443}: connect: connection refused` }
    return { error: `${head}: ${verb}: dial tcp: lookup ${name} on 127.0.0.53:53: no such host` }
  }
  if (host === 'docker.io')
    return {
      error: `${head}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    }
  return { error: `rpc error: code = NotFound desc = ${head}: ${reference.full}: not found` }
}
