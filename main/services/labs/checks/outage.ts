import { z } from 'zod'
import { cel } from '../cel.ts'
import { outcome } from '../text.ts'
import type { KubeObject } from '../../../kube/connection.ts'
import type { Leaf } from './check.ts'

/**
 * A node was silent (its Lease was not renewed) for a while and came back, and all that time enough objects on the other
 * nodes stayed as wanted. A kubelet renews its Lease every 10 s, so the gap between two renewals is what the control
 * plane itself knows of an outage; the node's Ready condition only follows after the grace period.
 */
export const outage: Leaf<'outage'> = {
  name: 'outage',
  evaluate: async (spec, { truth, evidence, now }) => {
    const nodes = (await truth.list({ gvk: 'v1/Node' })).filter(node => cel(spec.where, node) === true)
    const objects = (await truth.list(spec.keep)) as readonly KubeObject[]
    const seen = memory.safeParse(evidence.get('outage')).data ?? {}
    const next: Memory = {}
    let best: { name: string; seconds: number; lowest: number } | undefined
    let silent: { name: string; seconds: number } | undefined
    for (const node of nodes) {
      const name = node.metadata!.name!
      const lease = await truth.get('coordination.k8s.io/v1/Lease', 'kube-node-lease', name)
      const renewed = Date.parse(String((lease?.['spec'] as { renewTime?: unknown } | undefined)?.renewTime))
      if (Number.isNaN(renewed)) continue
      const before = seen[name]
      const kept = objects.filter(object => cel(spec.keep.where, { ...object, node: name }) === true).length
      const gap = before && renewed > before.renewed ? Math.round((renewed - before.renewed) / 1000) : 0
      const came = before && gap >= spec.silence ? { seconds: gap, lowest: Math.min(before.lowest, kept) } : undefined
      // While the Lease stands still the least number seen is remembered; a renewal begins a new stretch.
      next[name] = {
        renewed,
        at: before?.renewed === renewed ? before.at : now(),
        lowest: before?.renewed === renewed ? Math.min(before.lowest, kept) : kept,
        outage: came ?? before?.outage,
      }
      const quiet = Math.round((now() - next[name].at) / 1000)
      if (quiet >= 15 && (!silent || quiet > silent.seconds)) silent = { name, seconds: quiet }
      const past = next[name].outage
      if (past && (!best || past.lowest > best.lowest)) best = { name, ...past }
    }
    evidence.set('outage', next)
    if (best && best.lowest >= spec.keep.min)
      return outcome(
        'pass',
        `${best.name}: 심장 박동(Lease)이 ${best.seconds}초 동안 멈췄다가 돌아왔습니다. 그동안 다른 노드에서 준비된 파드는 가장 적을 때 ${best.lowest}개였습니다.`,
        `${best.name}: its heartbeat (Lease) stood still for ${best.seconds} s and came back. Meanwhile at least ${best.lowest} pods on other nodes stayed ready.`,
      )
    if (silent) {
      const enough = silent.seconds >= spec.silence
      return outcome(
        'wait',
        `${silent.name}: ${silent.seconds}초째 심장 박동(Lease)이 없습니다. ${enough ? '이제 다시 켜도 됩니다.' : `${spec.silence}초까지 기다립니다.`}`,
        `${silent.name}: no heartbeat (Lease) for ${silent.seconds} s. ${enough ? 'It may be switched on again.' : `Waiting until ${spec.silence} s.`}`,
      )
    }
    if (best)
      return outcome(
        'fail',
        `${best.name}: ${best.seconds}초 동안 멈췄지만 다른 노드에서 준비된 파드가 ${best.lowest}개뿐이었습니다 (바라는 수 ${spec.keep.min}).`,
        `${best.name}: was silent for ${best.seconds} s, but only ${best.lowest} pods on other nodes were ready (${spec.keep.min} wanted).`,
      )
    return outcome('fail', `${spec.silence}초 넘게 멈춘 노드를 아직 보지 못했습니다.`, `No node has been silent for more than ${spec.silence} s yet.`)
  },
  expressions: spec => [spec.where, spec.keep.where],
}

const memory = z.record(
  z.string(),
  z.object({ renewed: z.number(), at: z.number(), lowest: z.number(), outage: z.object({ seconds: z.number(), lowest: z.number() }).optional() }),
)
type Memory = z.infer<typeof memory>
