import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { generateSchemas } from '../../../../scripts/schemas/generate.ts'
import { definitions } from '../resources/index.ts'
import { createOpenApi, openapiV2 } from './openapi.ts'

beforeAll(generateSchemas)

describe('OpenAPI', () => {
  it('names a document for each group version, by the hash of its contents', async () => {
    const openapi = createOpenApi(definitions)
    const { paths } = await openapi.index()
    const { hash } = (await openapi.document('apis/apps/v1'))!
    expect(paths['apis/apps/v1']).toEqual({ serverRelativeURL: `/openapi/v3/apis/apps/v1?hash=${hash}` })
    expect(await openapi.document('apis/nope/v1')).toBeUndefined()
  })

  it('tells that the server validates fields', async () => {
    const { text } = (await createOpenApi(definitions).document('api/v1'))!
    const { patch } = JSON.parse(text).paths['/api/v1/namespaces/{namespace}/pods/{name}']
    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: '', kind: 'Pod', version: 'v1' })
    expect(patch.parameters.map(({ name }: { name: string }) => name)).toContain('fieldValidation')
  })

  it('refers to nothing that is not there', async () => {
    const openapi = createOpenApi(definitions)
    for (const path of Object.keys((await openapi.index()).paths)) {
      const { text } = (await openapi.document(path))!
      const { schemas } = JSON.parse(text).components
      for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(schemas).toHaveProperty([name!])
    }
  })

  it('answers version 2 with a document without definitions', () => {
    expect(openapiV2).toHaveLength(17)
  })
})

const recordings = `${process.env.KUBERNETES_RECORDINGS ?? ''}/openapi/v3/`

describe.skipIf(!existsSync(recordings))('OpenAPI of a real control plane', () => {
  it('has the same schemas for the served kinds', async () => {
    const openapi = createOpenApi(definitions)
    for (const path of Object.keys((await openapi.index()).paths)) {
      const mine = JSON.parse((await openapi.document(path))!.text).components.schemas
      const theirs = JSON.parse(gunzipSync(readFileSync(`${recordings}${path.replaceAll('/', '__')}.json.gz`)).toString()).components.schemas
      for (const name of Object.keys(mine)) {
        if (name.endsWith('List') || !theirs[name]?.properties) continue
        expect([name, Object.keys(mine[name].properties), mine[name].required]).toEqual([name, Object.keys(theirs[name].properties), theirs[name].required])
        for (const property of Object.keys(theirs[name].properties)) {
          const [left, right] = [mine[name].properties[property], { ...theirs[name].properties[property] }]
          for (const key of [
            'type',
            'format',
            'description',
            'enum',
            'allOf',
            '$ref',
            'additionalProperties',
            'x-kubernetes-list-type',
            'x-kubernetes-list-map-keys',
            'x-kubernetes-patch-merge-key',
            'x-kubernetes-patch-strategy',
          ])
            expect([name, property, key, left[key]]).toEqual([name, property, key, right[key]])
        }
      }
    }
  })
})
