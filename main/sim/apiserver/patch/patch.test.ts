import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonPatch, mergePatch, parsePatch, patchObject, strategicMergePatch } from './index.ts'

const DEPLOYMENT = 'io.k8s.api.apps.v1.Deployment'

const podSpec = (spec: object) => ({ spec: { template: { spec } } })
const patched = (live: object, patch: object) =>
  (strategicMergePatch(DEPLOYMENT, podSpec(live), podSpec(patch)) as ReturnType<typeof podSpec>).spec.template.spec

describe('strategic merge patch', () => {
  it('merges lists by their key, new items before those of the server', () => {
    expect(
      patched(
        { containers: [{ name: 'nginx', image: 'nginx:1', ports: [{ containerPort: 80 }] }] },
        {
          containers: [
            { name: 'side', image: 'busybox' },
            { name: 'nginx', image: 'nginx:2' },
          ],
        },
      ),
    ).toEqual({
      containers: [
        { name: 'side', image: 'busybox' },
        { name: 'nginx', image: 'nginx:2', ports: [{ containerPort: 80 }] },
      ],
    })
  })

  it('replaces lists without a key', () => {
    expect(patched({ tolerations: [{ key: 'a' }] }, { tolerations: [{ key: 'b' }] })).toEqual({ tolerations: [{ key: 'b' }] })
  })

  it('follows $patch in objects and in lists', () => {
    expect(patched({ containers: [{ name: 'a' }, { name: 'b' }] }, { containers: [{ name: 'a', $patch: 'delete' }] })).toEqual({ containers: [{ name: 'b' }] })
    expect(patched({ containers: [{ name: 'a' }, { name: 'b' }] }, { containers: [{ $patch: 'replace' }, { name: 'c' }] })).toEqual({
      containers: [{ name: 'c' }],
    })
    expect(patched({ nodeSelector: { a: 'b' } }, { nodeSelector: { $patch: 'replace', c: 'd' } })).toEqual({ nodeSelector: { c: 'd' } })
    expect(patched({ nodeSelector: { a: 'b' } }, { nodeSelector: { $patch: 'delete' } })).toEqual({ nodeSelector: {} })
  })

  it('follows $retainKeys', () => {
    const live = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }
    expect(strategicMergePatch(DEPLOYMENT, live, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } })).toEqual({
      spec: { strategy: { type: 'Recreate' } },
    })
  })

  it('follows $setElementOrder and $deleteFromPrimitiveList', () => {
    expect(
      patched(
        { containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
        { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }], containers: [{ name: 'a', image: 'x' }] },
      ),
    ).toEqual({
      containers: [{ name: 'b' }, { name: 'c' }, { name: 'a', image: 'x' }],
    })
    const live = { metadata: { finalizers: ['a', 'b', 'c'] } }
    expect(strategicMergePatch(DEPLOYMENT, live, { metadata: { '$deleteFromPrimitiveList/finalizers': ['b'], finalizers: ['d'] } })).toEqual({
      metadata: { finalizers: ['d', 'a', 'c'] },
    })
  })

  it('removes what is null, and drops nulls from what is new', () => {
    expect(patched({ nodeSelector: { a: 'b', c: 'd' } }, { nodeSelector: { a: null }, securityContext: { runAsUser: null, runAsGroup: 1 } })).toEqual({
      nodeSelector: { c: 'd' },
      securityContext: { runAsGroup: 1 },
    })
  })

  it('leaves an object as it is when patched with itself', () => {
    const live = podSpec({ containers: [{ name: 'a', env: [{ name: 'X', value: '1' }] }, { name: 'b' }], volumes: [{ name: 'v', emptyDir: {} }] })
    expect(strategicMergePatch(DEPLOYMENT, live, live)).toEqual(live)
  })

  it('speaks of what is wrong as the real server does', () => {
    const live = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: {} } as never
    expect(() => patchObject('strategic', DEPLOYMENT, live, { spec: { replicas: 'x' } })).toThrow(
      ' "" is invalid: patch: Invalid value: "map[spec:map[replicas:x]]": unrecognized type: int32',
    )
    expect(() => patchObject('strategic', DEPLOYMENT, live, podSpec({ containers: [{ image: 'x' }] }))).not.toThrow()
    expect(() => strategicMergePatch(DEPLOYMENT, podSpec({ containers: [{ name: 'a' }] }), podSpec({ containers: [{ image: 'x' }] }))).toThrow(
      'map: map[image:x] does not contain declared merge key: name',
    )
  })
})

describe('JSON patch', () => {
  const live = { metadata: { labels: { a: 'b' } }, list: [1, 2, 3] }

  it('does what RFC 6902 says', () => {
    expect(
      jsonPatch(live, [
        { op: 'add', path: '/metadata/labels/x~1y', value: 'z' },
        { op: 'add', path: '/list/-', value: 4 },
        { op: 'remove', path: '/list/0' },
        { op: 'move', from: '/metadata/labels/a', path: '/metadata/labels/c' },
        { op: 'copy', from: '/list/0', path: '/list/1' },
        { op: 'test', path: '/list', value: [2, 2, 3, 4] },
      ]),
    ).toEqual({ metadata: { labels: { 'x/y': 'z', c: 'b' } }, list: [2, 2, 3, 4] })
    expect(live).toEqual({ metadata: { labels: { a: 'b' } }, list: [1, 2, 3] })
  })

  it('replaces what is missing, as the real server does, but removes only what is there', () => {
    expect(jsonPatch(live, [{ op: 'replace', path: '/new', value: 1 }])).toMatchObject({ new: 1 })
    for (const operation of [
      { op: 'remove', path: '/nope' },
      { op: 'test', path: '/list/0', value: 9 },
      { op: 'bogus', path: '/x' },
      { op: 'add', path: '/a/b/c', value: 1 },
      { op: 'add', path: '/list/9', value: 1 },
    ])
      expect(() => jsonPatch(live, [operation])).toThrow(/nothing at|failed|unexpected kind|missing path|out of bounds/)
  })

  it('is refused with a 422 that says no more', () => {
    expect(() => patchObject('json', DEPLOYMENT, live as never, [{ op: 'remove', path: '/nope' }])).toThrow(
      'the server rejected our request due to an error in our request',
    )
    expect(() => parsePatch('json', Buffer.from('{"a":1}'))).toThrow(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    )
    expect(() => parsePatch('merge', Buffer.from('{"data":'))).toThrow('error decoding patch: unexpected end of JSON input')
  })
})

describe('merge patch', () => {
  it('does what RFC 7386 says', () => {
    expect(mergePatch({ a: 'b', c: { d: 'e', f: 'g' } }, { a: 'z', c: { f: null } })).toEqual({ a: 'z', c: { d: 'e' } })
    expect(mergePatch({ a: [1] }, { a: { b: null, c: 1 } })).toEqual({ a: { c: 1 } })
  })
})

describe('any patch', () => {
  it('leaves prototypes alone', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
    mergePatch({}, hostile)
    strategicMergePatch(DEPLOYMENT, {}, hostile)
    jsonPatch({}, [
      { op: 'add', path: '/__proto__', value: { polluted: 1 } },
      { op: 'add', path: '/__proto__/polluted', value: 1 },
    ])
    expect(() => jsonPatch({}, [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }])).toThrow('missing path')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('leaves the stored object as it is', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 3 }), fc.object({ maxDepth: 3 }), (live, patch) => {
        const before = structuredClone(live)
        mergePatch(live, patch)
        try {
          strategicMergePatch(DEPLOYMENT, live, patch)
        } catch {
          // A patch may be refused; what matters is what it was for.
        }
        expect(live).toEqual(before)
      }),
    )
  })
})
