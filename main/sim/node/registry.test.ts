import { describe, expect, it } from 'vitest'
import { parseReference, resolveImage, type ImageReference } from './registry.ts'

const full = (name: string) => {
  const reference = parseReference(name)
  return 'invalid' in reference ? reference.invalid : reference.full
}
const answer = (name: string) => {
  const resolved = resolveImage(parseReference(name) as ImageReference)
  return 'error' in resolved ? resolved.error : 'found'
}

describe('image names', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['rancher/klipper-lb:v0.4.17', 'docker.io/rancher/klipper-lb:v0.4.17'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['localhost:5000/a/b', 'localhost:5000/a/b:latest'],
  ])('reads %s as %s', (name, expected) => expect(full(name)).toBe(expected))

  it('refuses capital letters as the kubelet does', () => {
    expect(full('Nginx')).toBe(
      'Failed to apply default image tag "Nginx": couldn\'t parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase',
    )
  })
})

describe('the registries', () => {
  it.each([
    'nginx',
    'nginx:1.27',
    'nginx:1.27.3-alpine',
    'nginx:stable-alpine',
    'busybox:1.36',
    'redis:7-bookworm',
    'rancher/klipper-helm:v0.13.3-build20260727',
    'python:3.12-slim',
  ])('have %s', name => expect(answer(name)).toBe('found'))

  it.each(['nginx:nope', 'nginx:1.99', 'redis:99'])('do not have the tag of %s', name => {
    const reference = `docker.io/library/${name}`
    expect(answer(name)).toBe(
      `rpc error: code = NotFound desc = failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": ${reference}: not found`,
    )
  })

  it('ask for a login where the repository does not exist', () => {
    expect(answer('nosuch/thing')).toContain(
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    )
  })

  it('cannot be reached at a host that does not exist', () => {
    expect(answer('reg.example.com/x/y:1')).toContain(
      'failed to do request: Head "https://reg.example.com/v2/x/y/manifests/1": dial tcp: lookup reg.example.com on 127.0.0.53:53: no such host',
    )
  })
})
