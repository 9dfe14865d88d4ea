import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ApiError } from '../errors.ts'
import { decodeBody, decodeStrict, parseBody } from './index.ts'
import { parseJson } from './json.ts'
import { canonicalQuantity, compareQuantities, milliValue } from './quantity.ts'
import { canonicalTime } from './time.ts'
import { schemaNames, structFor } from './types.ts'

const POD = 'io.k8s.api.core.v1.Pod'
const configMap = { group: '', version: 'v1', kind: 'ConfigMap', schema: 'io.k8s.api.core.v1.ConfigMap' }
const decode = (text: string, type = 'application/json') => decodeBody(Buffer.from(text), type, configMap)

describe('decoding by schema', () => {
  it('leaves out what Go leaves out when empty, and writes what it always writes', () => {
    const { object } = decodeStrict(POD, {
      kind: 'Pod',
      metadata: {},
      spec: {
        hostNetwork: false,
        nodeSelector: {},
        containers: [{ name: 'a', env: [{ name: 'X', value: '' }], resources: { requests: { cpu: 0.5, memory: '1024Mi' } } }],
      },
    })
    expect(object).toEqual({
      kind: 'Pod',
      metadata: {},
      spec: { containers: [{ name: 'a', env: [{ name: 'X' }], resources: { requests: { cpu: '500m', memory: '1Gi' } } }] },
      status: {},
    })
  })

  it('rounds amounts of resources up to a thousandth', () => {
    const { object } = decodeStrict(POD, {
      spec: { containers: [{ name: 'a', resources: { limits: { cpu: '1.0005', memory: '0.1Ki', pods: 1000, x: '1u' } } }] },
    })
    expect(object).toMatchObject({ spec: { containers: [{ resources: { limits: { cpu: '1001m', memory: '102400m', pods: '1k', x: '1m' } } }] } })
  })

  it('names unknown fields by their path, and types as Go calls them', () => {
    const { unknown, errors } = decodeStrict('io.k8s.api.apps.v1.Deployment', {
      spec: { Replicas: 1, replicas: '3', template: { spec: { containers: [{ livenessprobe: {} }], restartPolicy: 5 } } },
    })
    expect(unknown).toEqual(['unknown field "spec.Replicas"', 'unknown field "spec.template.spec.containers[0].livenessprobe"'])
    expect(errors).toEqual([
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
      'json: cannot unmarshal number into Go struct field PodSpec.spec.template.spec.restartPolicy of type v1.RestartPolicy',
    ])
  })

  it('changes nothing when done twice', () => {
    const once = decodeStrict(POD, {
      spec: { containers: [{ name: 'a' }], tolerations: [{ key: 'x' }] },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    }).object
    expect(decodeStrict(POD, once)).toEqual({ object: once, unknown: [], errors: [] })
  })

  it('takes null for nothing, whatever the type', () => {
    for (const schema of schemaNames()) {
      const nulls = Object.fromEntries(structFor(schema)!.fields.map(field => [field.name, null]))
      expect([schema, decodeStrict(schema, nulls).errors]).toEqual([schema, []])
    }
  })
})

describe('parsing a body', () => {
  it('agrees with JSON.parse on every JSON text', () => {
    const agrees = (value: unknown) => {
      const text = JSON.stringify(value)
      expect(parseJson(text).value).toEqual(JSON.parse(text))
    }
    fc.assert(fc.property(fc.jsonValue(), agrees))
    fc.assert(fc.property(fc.string(), agrees))
  })

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const refused = (parse: () => unknown) => {
          try {
            parse()
            return false
          } catch {
            return true
          }
        }
        expect(refused(() => parseJson(text))).toBe(refused(() => JSON.parse(text)))
      }),
    )
  })

  it('reports duplicate fields, and merges objects among them', () => {
    expect(decode('{"metadata":{"name":"a"},"data":{"x":"1","x":"2"},"data":{"y":"3"}}')).toEqual({
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { x: '2', y: '3' } },
      strict: ['duplicate field "data.x"', 'duplicate field "data"'],
    })
    expect(decode('metadata:\n  name: a\n  name: b\n', 'application/yaml').strict).toEqual(['yaml: unmarshal errors:\n  line 3: key "name" already set in map'])
  })

  it('reads YAML 1.1 as Kubernetes does', () => {
    expect(parseBody(Buffer.from('a: yes\nb: 2001-01-01\nc: 0777\nd: 1:30\ne: ~\n---\nother: 1\n'), 'application/yaml').value).toEqual({
      a: true,
      b: '2001-01-01',
      c: 511,
      d: '1:30',
      e: null,
    })
  })

  it('refuses bombs and abysses', () => {
    const refused = (text: string, type?: string) => expect(() => decode(text, type)).toThrow(ApiError)
    refused('['.repeat(100_000))
    refused('{"a":'.repeat(100_000))
    refused(
      `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [${'*' + (i === 0 ? 'a' : `b${i - 1}`)}, ${'*' + (i === 0 ? 'a' : `b${i - 1}`)}]`).join('\n')}`,
      'application/yaml',
    )
    refused(`{a: ${'['.repeat(5000)}`, 'application/yaml')
  })

  it('keeps hostile names plain members', () => {
    const { object } = decode('{"metadata":{"name":"a","labels":{"__proto__":"x"}},"data":{"__proto__":"y","constructor":"z"}}')
    expect(Object.keys(object['data'] as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

describe('quantities', () => {
  it.each([
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['0.1Gi', '107374182400m'],
    ['1e3', '1e3'],
    ['1500', '1500'],
    ['1500m', '1500m'],
    ['0', '0'],
    ['-1', '-1'],
    ['1Ki', '1Ki'],
    ['100000k', '100M'],
    ['1.5Gi', '1536Mi'],
    ['12e6', '12e6'],
    ['0.0000000001', '1n'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical)
  })

  it('compare by value', () => {
    expect(compareQuantities('1', '1000m')).toBe(0)
    expect(compareQuantities('1Gi', '1G')).toBe(1)
    expect(milliValue('0.1')).toBe(100)
  })

  it.each(['', 'abc', '1Xi', '1.2.3', '--1'])('%j is none', text => {
    expect(() => canonicalQuantity(text)).toThrow(/quantities must match|unable to parse quantity's suffix/)
  })
})

describe('times', () => {
  it('are brought to UTC, and to the precision that is kept', () => {
    expect(canonicalTime('2026-01-01T09:00:00+09:00', 0)).toBe('2026-01-01T00:00:00Z')
    expect(canonicalTime('2026-01-01T00:00:00.123Z', 6)).toBe('2026-01-01T00:00:00.123000Z')
    expect(() => canonicalTime('not a time', 0)).toThrow('parsing time "not a time" as "2006-01-02T15:04:05Z07:00": cannot parse "not a time" as "2006"')
  })
})
