import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ResourceDefinition } from '../definition.ts'
import { decodeBody, decodeStrict } from '../schema/index.ts'
import { metadataErrors } from '../metadata.ts'
import { definitions } from './index.ts'

// Compares with what a real control plane said; KUBERNETES_RECORDINGS names a folder of recordings of one.
const recordings = `${process.env.KUBERNETES_RECORDINGS ?? ''}/`
const recorded = existsSync(`${recordings}tables/columns.json`)
const read = (path: string) => JSON.parse(readFileSync(recordings + path, 'utf8'))

const definitionOf = (groupVersion: string, resource: string): ResourceDefinition | undefined =>
  definitions.find(
    definition => definition.resource === resource && (definition.group ? `${definition.group}/${definition.version}` : definition.version) === groupVersion,
  )

describe.skipIf(!recorded)('tables', () => {
  const files = recorded ? readdirSync(`${recordings}tables/rows`) : []
  for (const file of files) {
    const { resource, groupVersion, recordedAt, rows } = read(`tables/rows/${file}`)
    const definition = definitionOf(groupVersion, resource)
    if (!definition) continue
    it(`of ${resource} have the same columns`, () => {
      const { columns } = read('tables/columns.json')[`${groupVersion}/${resource}`]
      expect(definition.table.columns.map(({ name, type, format, priority }) => ({ name, type, format, priority }))).toEqual(columns)
    })
    it(`of ${resource} have the same cells`, () => {
      // Ages are counted from when the row was asked for, up to a second before or after what is noted.
      const aged = (cells: unknown[]) => cells.map(cell => (typeof cell === 'string' ? cell.replaceAll(/\b\d+s\b/g, 'AGE') : cell))
      for (const { cells, object } of rows) expect(aged(definition.table.cells(object, Date.parse(recordedAt)))).toEqual(aged(cells))
    })
  }
})

describe.skipIf(!recorded)('stored objects', () => {
  for (const file of recorded ? readdirSync(`${recordings}tables/rows`) : []) {
    const { resource, groupVersion, rows } = read(`tables/rows/${file}`)
    const definition = definitionOf(groupVersion, resource)
    if (!definition) continue
    it(`of ${resource} are already in canonical form`, () => {
      for (const { object } of rows) expect(decodeStrict(definition.schema, object)).toEqual({ object, unknown: [], errors: [] })
    })
    it(`of ${resource} have every default, and are valid`, () => {
      for (const { object } of rows) {
        const draft = structuredClone(object)
        definition.defaults?.(draft)
        expect(draft).toEqual(object)
        expect(definition.validate?.(object) ?? []).toEqual([])
      }
    })
  }
})

interface Step {
  readonly case: string
  readonly http?: { readonly method: string; readonly path: string; readonly headers: Record<string, string>; readonly body?: string }
  readonly status?: number
  readonly body?: string
}

const steps = (file: string): Step[] =>
  readFileSync(`${recordings}transcripts/${file}`, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

const context = {
  now: 0,
  allocate: { clusterIP: (wanted: string | undefined) => wanted ?? '10.96.1.1', nodePort: (wanted: number | undefined) => wanted ?? 30000, release: () => {} },
}

/** What the generic server does with a body up to its being stored: gives what would be stored, or what is wrong. */
const submit = (
  definition: ResourceDefinition,
  namespace: string,
  { headers, body = '' }: NonNullable<Step['http']>,
): { code: number; message: string } | { code: 201; object: Record<string, unknown> } => {
  try {
    const { object } = decodeBody(Buffer.from(body), headers['Content-Type'], definition)
    const draft = object as { metadata: Record<string, unknown>; kind: string }
    if (definition.namespaced) draft.metadata['namespace'] = namespace
    draft.metadata['uid'] = 'uid'
    if (draft.metadata['generateName']) draft.metadata['name'] ??= `${draft.metadata['generateName']}x`
    definition.defaults?.(draft)
    definition.prepareForCreate?.(draft, context)
    const errors = [...metadataErrors(definition, draft as never), ...(definition.validate?.(draft) ?? [])]
    if (errors.length === 0) return { code: 201, object }
    const texts = errors.map(({ field, message }) => `${field}: ${message}`)
    const group = definition.group ? `.${definition.group}` : ''
    return {
      code: 422,
      message: `${definition.kind}${group} ${JSON.stringify(draft.metadata['name'] ?? '')} is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    }
  } catch (error) {
    const { status } = error as { status?: { code: number; message: string } }
    if (!status) throw error
    return { code: status.code, message: status.message }
  }
}

/** Without what admission adds, and what is drawn or counted. */
const comparable = (object: Record<string, any>) => {
  const { metadata, ...rest } = object
  const text = JSON.stringify({ ...rest, labels: metadata.labels, annotations: metadata.annotations, generated: metadata.finalizers }, (key, value) => {
    if (
      [
        'tolerations',
        'serviceAccount',
        'serviceAccountName',
        'priority',
        'preemptionPolicy',
        'taints',
        'clusterIP',
        'clusterIPs',
        'nodePort',
        'volumeMounts',
      ].includes(key)
    )
      return undefined
    if (key === 'volumes')
      return value.some((volume: { name: string }) => volume.name.startsWith('kube-api-access-'))
        ? value.filter((volume: { name: string }) => !volume.name.startsWith('kube-api-access-'))
        : value
    return Array.isArray(value) && value.length === 0 ? undefined : value
  })
  return JSON.parse(masked(text))
}

/** Names of uids differ from run to run. */
const masked = (text: string) => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'uid')

describe.skipIf(!recorded)('answers', () => {
  const all = recorded ? ['01-create-get.jsonl', '09-validation.jsonl', '14-more.jsonl'].flatMap(steps) : []
  for (const { case: name, http, status, body } of all) {
    if (http?.method !== 'POST' || (status !== 422 && status !== 400 && status !== 201) || http.path.includes('fieldValidation=')) continue
    const match = /^\/(?:api|apis\/([^/]+))\/(v1)\/(?:namespaces\/([^/]+)\/)?([a-z]+)(?:\?.*)?$/.exec(http.path)
    const definition = match && definitionOf(match[1] ? `${match[1]}/v1` : 'v1', match[4]!)
    if (!definition || http.body?.includes(' times ') || http.path.includes('dryRun=T')) continue
    it(`${name}: ${http.body?.slice(0, 150)}`, () => {
      const answer = JSON.parse(body ?? '{}')
      const mine = submit(definition, match[3] ?? '', http)
      expect(mine.code).toBe(status)
      expect('object' in mine ? comparable(mine.object) : masked(mine.message)).toEqual('object' in mine ? comparable(answer) : masked(answer.message))
    })
  }
})
