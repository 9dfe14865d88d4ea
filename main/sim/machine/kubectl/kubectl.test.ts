import { describe, expect, it } from 'vitest'
import type { ApiEndpoint } from '../machine.ts'
import { threeWayPatch } from './commands/apply.ts'
import { humanDuration } from '../../../../shared/kubernetes/duration.ts'
import { parseDuration, parseFlags } from './flags.ts'
import { kubectl } from './index.ts'
import { jsonpathTemplate } from './print/jsonpath.ts'
import { toYaml } from './print/output.ts'
import { tabwriter } from './tabwriter.ts'

describe('flags', () => {
  const specs = [
    { name: 'namespace', short: 'n', type: 'string', usage: '' },
    { name: 'watch', short: 'w', type: 'bool', usage: '' },
    { name: 'output', short: 'o', type: 'string', usage: '' },
    { name: 'dry-run', type: 'string', bare: 'unchanged', usage: '' },
    { name: 'replicas', type: 'int', usage: '' },
  ] as const

  it('takes flags anywhere, joined shorthands and values in every form', () => {
    const parsed = parseFlags(['pods', '-wowide', '-n', 'kube-system', 'a', '--replicas=3', '--dry-run', 'b', '--', '-x'], specs, 'kubectl get')
    expect(parsed.args).toEqual(['pods', 'a', 'b'])
    expect(parsed.rest).toEqual(['-x'])
    expect([parsed.bool('watch'), parsed.string('output'), parsed.string('namespace'), parsed.int('replicas'), parsed.string('dry-run')]).toEqual([
      true,
      'wide',
      'kube-system',
      3,
      'unchanged',
    ])
  })

  it('refuses what it does not know, in pflag’s words', () => {
    expect(() => parseFlags(['--foo'], specs, 'kubectl get')).toThrow("error: unknown flag: --foo\nSee 'kubectl get --help' for usage.")
    expect(() => parseFlags(['-z'], specs, 'kubectl get')).toThrow("error: unknown shorthand flag: 'z' in -z")
    expect(() => parseFlags(['--replicas=x'], specs, 'kubectl scale')).toThrow(
      'invalid argument "x" for "--replicas" flag: strconv.ParseInt: parsing "x": invalid syntax',
    )
    expect(() => parseFlags(['-n'], specs, 'kubectl get')).toThrow("flag needs an argument: 'n' in -n")
  })

  it('reads Go durations', () => {
    expect([parseDuration('1h2m3s'), parseDuration('1.5m'), parseDuration('0'), parseDuration('5'), parseDuration('x')]).toEqual([
      3723000,
      90000,
      0,
      undefined,
      undefined,
    ])
  })
})

describe('jsonpath', () => {
  const pods = {
    items: [
      { metadata: { name: 'a', labels: { 'app.io/x': '1' } }, status: { conditions: [{ type: 'Ready', status: 'True' }] }, n: 1 },
      { metadata: { name: 'b' }, n: 5 },
    ],
  }
  const cases: [string, string][] = [
    ['{.items[*].metadata.name}', 'a b'],
    ['{.items[0].metadata.name}', 'a'],
    ['{.items[-1:].metadata.name}', 'b'],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.n}{"\\n"}{end}', 'a\t1\nb\t5\n'],
    ['{.items[?(@.n>2)].metadata.name}', 'b'],
    ['{.items[0].status.conditions[?(@.type=="Ready")].status}', 'True'],
    ['{.items[0].metadata.labels.app\\.io/x}', '1'],
    ["{.items[0].metadata.labels['app.io/x']}", '1'],
    ['{..name}', 'a b'],
    ['names: {.items[0,1].metadata.name}!', 'names: a b!'],
    ['{.missing.thing}', ''],
  ]
  it.each(cases)('%s', (template, text) => expect(jsonpathTemplate(template)(pods)).toBe(text))
})

describe('text', () => {
  it('aligns columns block by block', () => {
    expect(tabwriter('Name:\tweb\nLong name:\tx\nno cells\na:\tb', { minWidth: 0, padding: 2 })).toBe('Name:       web\nLong name:  x\nno cells\na:  b')
  })

  it('prints YAML as sigs.k8s.io/yaml does', () => {
    expect(toYaml({ b: [{ x: 1 }], a: 'yes', n: null, s: 'multi\nline\n', e: {} })).toBe('a: "yes"\nb:\n- x: 1\ne: {}\n"n": null\ns: |\n  multi\n  line\n')
  })

  it('shortens durations as kubectl does', () => {
    expect([90e3, 330e3, 45 * 60e3, 200 * 60e3, 30 * 3600e3, 76 * 3600e3].map(humanDuration)).toEqual(['90s', '5m30s', '45m', '3h20m', '30h', '3d4h'])
  })
})

describe('apply', () => {
  const container = (name: string, image: string) => ({ name, image })

  it('finds nothing to do when nothing changed', () => {
    expect(threeWayPatch({ spec: { a: 1 } }, { spec: { a: 1 } }, { spec: { a: 1, defaulted: 2 } })).toBeUndefined()
  })

  it('changes one member of a keyed list and deletes what the file no longer has', () => {
    const last = { spec: { containers: [container('a', 'x:1'), container('b', 'y:1')], gone: 1 } }
    const wanted = { spec: { containers: [container('a', 'x:2')] } }
    const live = { spec: { containers: [{ ...container('a', 'x:1'), defaulted: true }, container('b', 'y:1')], gone: 1 } }
    expect(threeWayPatch(last, wanted, live)).toEqual({
      spec: {
        containers: [
          { image: 'x:2', name: 'a' },
          { $patch: 'delete', name: 'b' },
        ],
        '$setElementOrder/containers': [{ name: 'a' }],
        gone: null,
      },
    })
  })
})

describe('kubectl', () => {
  const run = async (argv: readonly string[], endpoint?: ApiEndpoint) => {
    let [out, err] = ['', '']
    const code = await kubectl(
      {
        endpoint,
        server: '127.0.0.1:6443',
        env: {},
        isTty: false,
        signal: new AbortController().signal,
        now: () => 0,
        sleep: async () => {},
        stdout: text => void (out += text),
        stderr: text => void (err += text),
        stdin: async () => '',
        readFiles: async path => Promise.reject(Object.assign(new Error(`the path "${path}" does not exist`), { code: 'ENOENT' })),
      },
      argv,
    )
    return { code, out, err }
  }

  it('says where it tried to connect when there is no cluster', async () => {
    expect(await run(['get', 'pods'])).toEqual({
      code: 1,
      out: '',
      err: 'The connection to the server localhost:8080 was refused - did you specify the right host or port?\n',
    })
  })

  it('suggests the command that was meant', async () => {
    expect((await run(['gte', 'pods'])).err).toBe('error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tget\n')
  })

  it('refuses a file that does not exist', async () => {
    expect((await run(['apply', '-f', 'nope.yaml'])).err).toBe('error: the path "nope.yaml" does not exist\n')
  })

  it('lists its commands', async () => {
    expect((await run([])).out).toContain('Basic Commands (Beginner):\n  create')
  })
})
