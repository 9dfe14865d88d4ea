import { hasReason } from '../apiserver/errors.ts'
import type { Lease, Node, NodeCondition, Pod, Taint } from '../apiserver/resources/types.ts'
import { leases, nodes, pods } from '../apiserver/resources/types.ts'
import { workqueue } from '../client/workqueue.ts'
import { type Cancel, rfc3339, type VirtualTime } from '../time/clock.ts'
import type { Controller } from './controller.ts'
import { podCondition } from './objects.ts'
import { type ZoneState, zoneState, evictionInterval } from './node-zones.ts'

/** --node-monitor-period, --node-monitor-grace-period (50 s since 1.32), --node-startup-grace-period. */
const MONITOR_PERIOD_MS = 5000
const GRACE_MS = 50_000
const STARTUP_GRACE_MS = 60_000

const NOT_READY = 'node.kubernetes.io/not-ready'
const UNREACHABLE = 'node.kubernetes.io/unreachable'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/** Condition type → the value that taints → the taint's key (node_lifecycle_controller.go, nodeConditionToTaintKeyStatusMap). */
const CONDITION_TAINTS: readonly (readonly [string, string, string])[] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
]
const MANAGED_KEYS = new Set([...CONDITION_TAINTS.map(([, , key]) => key), UNSCHEDULABLE])

/** What the kubelet reports; the controller says Unknown of these when it falls silent. */
const WATCHED_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

interface Health {
  /** When the kubelet was last heard of, by this controller's own clock. */
  heardAt: VirtualTime
  heartbeat: string | undefined
  renewTime: string | undefined
  readonly startedAt: VirtualTime
}

const condition = (node: Node, type: string): NodeCondition | undefined => node.status.conditions?.find(found => found.type === type)
const readiness = (node: Node): 'True' | 'False' | 'Unknown' | undefined => condition(node, 'Ready')?.status as never

/** The NoSchedule taints that follow from conditions and from `spec.unschedulable`. */
const scheduleTaints = (node: Node): string[] => [
  ...CONDITION_TAINTS.filter(([type, status]) => condition(node, type)?.status === status).map(([, , key]) => key),
  ...(node.spec.unschedulable ? [UNSCHEDULABLE] : []),
]

/** Watches over heartbeats, tells what it no longer hears, and taints nodes (pkg/controller/nodelifecycle). */
export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle-controller',
  account: 'node-controller',
  start: context => {
    const { clock, client } = context
    const recorder = context.recorder('node-controller')
    const nodeInformer = context.informer(nodes)
    const podInformer = context.informer(pods)
    const leaseInformer = context.informer(leases)
    const healths = new Map<string, Health>()
    const zones = new Map<string, ZoneState>()
    /** Nodes that wait for their NoExecute taint, by zone, and when the next one may have it. */
    const evicting = new Map<string, Set<string>>()
    const nextEviction = new Map<string, VirtualTime>()
    let timer: Cancel | undefined

    const lease = (name: string): Lease | undefined => leaseInformer.get('kube-node-lease', name)
    const zoneOf = (node: Node): string =>
      `${node.metadata.labels?.['topology.kubernetes.io/region'] ?? ''}:\0:${node.metadata.labels?.['topology.kubernetes.io/zone'] ?? ''}`

    const listen = (node: Node): Health => {
      const { name } = node.metadata
      const heartbeat = condition(node, 'Ready')?.lastHeartbeatTime
      const renewTime = lease(name)?.spec.renewTime
      const known = healths.get(name)
      if (!known) {
        const health: Health = { heardAt: clock.now, heartbeat, renewTime, startedAt: clock.now }
        healths.set(name, health)
        return health
      }
      if (known.heartbeat !== heartbeat || known.renewTime !== renewTime) {
        known.heardAt = clock.now
        known.heartbeat = heartbeat
        known.renewTime = renewTime
      }
      return known
    }

    /** Says Unknown of everything a silent kubelet used to report. */
    const declareUnknown = async (node: Node): Promise<Node> => {
      const now = rfc3339(clock.now)
      const others = (node.status.conditions ?? []).map(found =>
        WATCHED_CONDITIONS.includes(found.type) && found.status !== 'Unknown'
          ? { ...found, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: now }
          : found,
      )
      const missing = WATCHED_CONDITIONS.filter(type => !condition(node, type)).map(type => ({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: node.metadata.creationTimestamp,
        lastTransitionTime: now,
      }))
      return client.update(nodes, { ...node, status: { ...node.status, conditions: [...others, ...missing] } }, 'status')
    }

    const markPodsNotReady = async (node: Node): Promise<void> => {
      for (const pod of podInformer.list()) {
        if (pod.spec.nodeName !== node.metadata.name) continue
        const ready = podCondition(pod, 'Ready')
        if (ready?.status !== 'True') continue
        const conditions = pod.status.conditions!.map(found =>
          found === ready ? { ...found, status: 'False', lastTransitionTime: rfc3339(clock.now) } : found,
        )
        try {
          await client.update(pods, { ...pod, status: { ...pod.status, conditions } } as Pod, 'status')
          recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
        } catch (error) {
          if (!hasReason(error, 'NotFound', 'Conflict')) throw error
        }
      }
    }

    const setTaints = async (node: Node, change: (taints: readonly Taint[]) => Taint[]): Promise<void> => {
      const taints = change(node.spec.taints ?? [])
      const { taints: _, ...spec } = node.spec
      await client.update(nodes, { ...node, spec: { ...spec, ...(taints.length > 0 && { taints }) } })
    }

    /** Brings the NoSchedule taints in line with the conditions. */
    const syncScheduleTaints = async (name: string): Promise<void> => {
      const node = nodeInformer.get(undefined, name)
      if (!node) return
      const wanted = scheduleTaints(node)
      const present = (node.spec.taints ?? []).filter(taint => taint.effect === 'NoSchedule' && MANAGED_KEYS.has(taint.key))
      if (wanted.length === present.length && wanted.every(key => present.some(taint => taint.key === key))) return
      await setTaints(node, taints => [
        ...taints.filter(taint => !present.includes(taint) || wanted.includes(taint.key)),
        ...wanted
          .filter(key => !present.some(taint => taint.key === key))
          .map((key): Taint => ({ key, effect: 'NoSchedule' as const, timeAdded: rfc3339(clock.now) as never })),
      ])
    }
    const taintQueue = workqueue(clock, syncScheduleTaints)

    const executeTaint = (node: Node): string | undefined => ({ False: NOT_READY, Unknown: UNREACHABLE, True: undefined })[readiness(node) ?? 'Unknown']

    const removeExecuteTaints = async (node: Node): Promise<void> => {
      evicting.get(zoneOf(node))?.delete(node.metadata.name)
      const isOurs = (taint: Taint) => taint.effect === 'NoExecute' && (taint.key === NOT_READY || taint.key === UNREACHABLE)
      if (node.spec.taints?.some(isOurs)) await setTaints(node, taints => taints.filter(taint => !isOurs(taint)))
    }

    const queueEviction = (node: Node): void => {
      const key = executeTaint(node)!
      if (node.spec.taints?.some(taint => taint.effect === 'NoExecute' && taint.key === key)) return
      const zone = zoneOf(node)
      let waiting = evicting.get(zone)
      if (!waiting) evicting.set(zone, (waiting = new Set()))
      waiting.add(node.metadata.name)
    }

    /** Gives waiting nodes their NoExecute taint, as fast as the zone's state allows. */
    const evict = async (): Promise<void> => {
      for (const [zone, waiting] of evicting) {
        const size = [...nodeInformer.list()].filter(node => zoneOf(node) === zone).length
        const interval = evictionInterval(zones, zone, size)
        if (interval === undefined || waiting.size === 0 || (nextEviction.get(zone) ?? 0) > clock.now) continue
        const [name] = waiting
        waiting.delete(name!)
        const node = nodeInformer.get(undefined, name!)
        const key = node && executeTaint(node)
        if (!node || !key) continue
        nextEviction.set(zone, clock.now + interval)
        const opposite = key === NOT_READY ? UNREACHABLE : NOT_READY
        await setTaints(node, taints => [
          ...taints.filter(taint => !(taint.effect === 'NoExecute' && (taint.key === opposite || taint.key === key))),
          { key, effect: 'NoExecute', timeAdded: rfc3339(clock.now) },
        ])
      }
    }

    const examine = async (node: Node): Promise<void> => {
      const health = listen(node)
      const before = readiness(node)
      const grace = before === undefined ? STARTUP_GRACE_MS : GRACE_MS
      let current = node
      if (clock.now > health.heardAt + grace && before !== 'Unknown') {
        current = await declareUnknown(node)
        // What is written here is not a word of the kubelet's.
        health.heartbeat = condition(current, 'Ready')?.lastHeartbeatTime
      }
      const after = readiness(current)
      if (after === 'True') return removeExecuteTaints(current)
      if (after === undefined) return
      queueEviction(current)
      if (before === 'True') recorder.event(current, 'Normal', 'NodeNotReady', `Node ${current.metadata.name} status is now: NodeNotReady`)
      if ([...podInformer.list()].some(pod => pod.spec.nodeName === current.metadata.name && podCondition(pod, 'Ready')?.status === 'True'))
        await markPodsNotReady(current)
    }

    const monitor = async (): Promise<void> => {
      const present = [...nodeInformer.list()]
      const names = new Set(present.map(node => node.metadata.name))
      for (const name of healths.keys()) if (!names.has(name)) healths.delete(name)
      for (const node of present) {
        try {
          await examine(node)
        } catch (error) {
          // Somebody else wrote first, or the node went away: the next round sees it as it is then.
          if (!hasReason(error, 'Conflict', 'NotFound')) throw error
        }
      }
      const byZone = Map.groupBy(present, zoneOf)
      zones.clear()
      for (const [zone, members] of byZone) zones.set(zone, zoneState(members.map(node => readiness(node) === 'True')))
      try {
        await evict()
      } catch (error) {
        if (!hasReason(error, 'Conflict', 'NotFound')) throw error
      }
    }

    let stopped = false
    const round = () => {
      timer = undefined
      void monitor()
        .catch(() => {})
        .finally(() => {
          if (!stopped) timer = clock.after(MONITOR_PERIOD_MS, round)
        })
    }

    context.whenSynced([nodeInformer, podInformer, leaseInformer] as never, () => {
      if (stopped) return
      nodeInformer.on({
        added: node => {
          if (!healths.has(node.metadata.name))
            recorder.event(node, 'Normal', 'RegisteredNode', `Node ${node.metadata.name} event: Registered Node ${node.metadata.name} in Controller`)
          listen(node)
          taintQueue.add(node.metadata.name)
        },
        updated: node => {
          listen(node)
          taintQueue.add(node.metadata.name)
        },
        deleted: node => {
          healths.delete(node.metadata.name)
          recorder.event(node, 'Normal', 'RemovingNode', `Node ${node.metadata.name} event: Removing Node ${node.metadata.name} from Controller`)
        },
      })
      leaseInformer.on({
        updated: changed => {
          const node = changed.metadata.namespace === 'kube-node-lease' ? nodeInformer.get(undefined, changed.metadata.name) : undefined
          if (node) listen(node)
        },
      })
      round()
    })

    return {
      dispose: () => {
        stopped = true
        timer?.()
        taintQueue.dispose()
      },
    }
  },
}
