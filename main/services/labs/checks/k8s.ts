import { cel } from '../cel.ts'
import { outcome } from '../text.ts'
import type { KubeObject } from '../../../kube/connection.ts'
import type { Leaf } from './check.ts'

/** An object exists, and an expression over it is true. `moving` tells a wait from a failure; `show` is what the sentence quotes. */
export const k8s: Leaf<'k8s'> = {
  name: 'k8s',
  evaluate: async (spec, { truth }) => {
    const name = `${spec.gvk.split('/').at(-1)} ${spec.ns ? `${spec.ns}/` : ''}${spec.name}`
    const object = await truth.get(spec.gvk, spec.ns, spec.name)
    if (!object) return outcome('fail', `${name}: 아직 클러스터에 없습니다.`, `${name}: not in the cluster yet.`)
    const shown = quote(spec.show ?? [], object)
    if (spec.expr === undefined || cel(spec.expr, object) === true)
      return outcome('pass', `${name}: ${shown || '클러스터에 있습니다.'}`, `${name}: ${shown || 'is in the cluster.'}`)
    const value = spec.moving !== undefined && cel(spec.moving, object) === true ? 'wait' : 'fail'
    return outcome(value, `${name}: ${shown || '아직 바라는 상태가 아닙니다.'}`, `${name}: ${shown || 'not in the wanted state yet.'}`)
  },
  expressions: spec => [spec.expr, spec.moving, ...(spec.show ?? [])].filter(expression => expression !== undefined),
}

/** `spec.replicas = 3, status.readyReplicas = 2`: field names are the same in every language. */
const quote = (expressions: readonly string[], object: KubeObject): string =>
  expressions.map(expression => `${expression} = ${JSON.stringify(cel(expression, object)) ?? '∅'}`).join(', ')
