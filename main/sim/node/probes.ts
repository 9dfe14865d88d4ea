import type { Container, Pod } from '../apiserver/resources/types.ts'
import type { EventExtra, EventType } from '../client/recorder.ts'
import type { Cancel, Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { type ContainerRecord, fieldPathOf } from './container.ts'
import type { Process } from './process.ts'

type Probe = NonNullable<Container['livenessProbe']>
type Kind = 'startup' | 'readiness' | 'liveness'

/** Who is told what probes find. */
export interface ProbeTarget {
  setReady(container: ContainerRecord, ready: boolean, started: boolean): void
  probeKill(container: ContainerRecord, kind: 'liveness' | 'startup'): void
}

const portOf = (spec: Container, port: number | string): number =>
  typeof port === 'number' ? port : (spec.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port))

/** One look: undefined when all is well, otherwise the text behind `Readiness probe failed: `. */
const look = (probe: Probe, spec: Container, process: Process, podIP: string): string | undefined => {
  const refused = (host: string, port: number) => `dial tcp ${host}:${port}: connect: connection refused`
  if (probe.httpGet) {
    const { path = '/', scheme = 'HTTP', host = podIP } = probe.httpGet
    const port = portOf(spec, probe.httpGet.port as number | string)
    if (!process.isListening(port)) return `Get "${scheme.toLowerCase()}://${host}:${port}${path}": ${refused(host, port)}`
    const status = process.httpStatus(path, port)
    return status >= 200 && status < 400 ? undefined : `HTTP probe failed with statuscode: ${status}`
  }
  if (probe.tcpSocket) {
    const port = portOf(spec, probe.tcpSocket.port as number | string)
    return process.isListening(port) ? undefined : refused(probe.tcpSocket.host ?? podIP, port)
  }
  if (probe.grpc)
    return process.isListening(probe.grpc.port)
      ? undefined
      : `timeout: failed to connect service "${podIP}:${probe.grpc.port}" within 1s: context deadline exceeded`
  if (probe.exec) {
    const { code, output } = process.exec(probe.exec.command ?? [])
    return code === 0 ? undefined : code < 0 ? `rpc error: code = Unknown desc = failed to exec in container: ${output}` : `${output}\n`
  }
  return undefined
}

/**
 * Starts the probe workers of a container that has just started (or been adopted). Readiness and liveness wait for the
 * startup probe. A server that has settled answers every later probe alike, so its probes end with the first verdict.
 */
export const startProbes = (
  target: ProbeTarget,
  clock: Clock,
  random: Random,
  container: ContainerRecord,
  pod: Pod,
  host: { event(pod: Pod, type: EventType, reason: string, message: string, extra?: EventExtra): void },
): void => {
  const { spec, instance } = container
  if (!instance || container.kind === 'init') return
  const { startupProbe, readinessProbe, livenessProbe } = spec
  if (!startupProbe && !readinessProbe && !livenessProbe) {
    container.ready = true
    container.started = true
    return
  }
  const process = instance.process
  const stops: Cancel[] = []
  container.probes = stops

  const run = (kind: Kind, probe: Probe, verdict: (passed: boolean) => 'go on' | 'stop') => {
    const period = (probe.periodSeconds ?? 10) * 1000
    const needed = { true: probe.successThreshold ?? 1, false: probe.failureThreshold ?? 3 }
    let passed: boolean | undefined
    let count = 0
    let cancel: Cancel | undefined
    const turn = () => {
      const failure = look(probe, spec, process, podIP())
      const ok = failure === undefined
      count = passed === ok ? count + 1 : 1
      passed = ok
      if (!ok)
        host.event(pod, 'Warning', 'Unhealthy', `${kind[0]!.toUpperCase()}${kind.slice(1)} probe failed: ${failure}`, { fieldPath: fieldPathOf(container) })
      const decided = count >= needed[`${ok}`]
      if (decided && verdict(ok) === 'stop') return
      if (ok && decided && process.settled) return
      cancel = clock.after(period, turn)
    }
    const first = process.startedAt + (probe.initialDelaySeconds ?? 0) * 1000 + 150 + random.below(Math.min(period, 1000))
    cancel = clock.after(Math.max(first - clock.now, 0), turn)
    stops.push(() => cancel?.())
  }
  const podIP = () => pod.status.podIP ?? instanceIP
  const instanceIP = instance.podIP

  const afterStartup = () => {
    if (readinessProbe)
      run('readiness', readinessProbe, ok => {
        target.setReady(container, ok, true)
        return 'go on'
      })
    if (livenessProbe)
      run('liveness', livenessProbe, ok => {
        if (ok) return 'go on'
        target.probeKill(container, 'liveness')
        return 'stop'
      })
  }
  if (startupProbe && !container.started)
    run('startup', startupProbe, ok => {
      if (!ok) {
        target.probeKill(container, 'startup')
        return 'stop'
      }
      target.setReady(container, !readinessProbe, true)
      afterStartup()
      return 'stop'
    })
  else {
    container.started = true
    if (!readinessProbe) container.ready = true
    afterStartup()
  }
}
