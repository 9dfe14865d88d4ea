import { structFor, type Field, type Struct, type Type } from '../schema/types.ts'

// Some errors of the real server print its internal types: every field by its Go name, empty or not. Those types follow
// the public ones but for the order of a few.

const ORDER: Readonly<Record<string, readonly string[]>> = {
  PodSpec:
    'Volumes InitContainers Containers EphemeralContainers RestartPolicy TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy NodeSelector ServiceAccountName AutomountServiceAccountToken NodeName SecurityContext ImagePullSecrets Hostname Subdomain SetHostnameAsFQDN Affinity SchedulerName Tolerations HostAliases PriorityClassName Priority PreemptionPolicy DNSConfig ReadinessGates RuntimeClassName Overhead EnableServiceLinks TopologySpreadConstraints OS SchedulingGates ResourceClaims Resources HostnameOverride SchedulingGroup'.split(
      ' ',
    ),
  Container:
    'Name Image Command Args WorkingDir Ports EnvFrom Env Resources ResizePolicy RestartPolicy RestartPolicyRules VolumeMounts VolumeDevices LivenessProbe ReadinessProbe StartupProbe Lifecycle TerminationMessagePath TerminationMessagePolicy ImagePullPolicy SecurityContext Stdin StdinOnce TTY'.split(
      ' ',
    ),
  PodSecurityContext:
    'SELinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls SeccompProfile AppArmorProfile SELinuxChangePolicy'.split(
      ' ',
    ),
}

const order = (struct: Struct): readonly Field[] => {
  const names = ORDER[struct.name === 'EphemeralContainer' ? 'Container' : struct.name]
  if (!names) return struct.fields
  const known = new Map(struct.fields.map(field => [field.goName, field]))
  const rest = struct.name === 'EphemeralContainer' ? [known.get('TargetContainerName')!] : []
  return [...names.flatMap(name => known.get(name) ?? []), ...rest]
}

const zeros: Readonly<Record<string, unknown>> = { string: '', bool: false, int32: 0, int64: 0, float64: 0, Quantity: '0', IntOrString: 0 }

const form = (type: Type, value: unknown): unknown => {
  if (value === undefined || value === null)
    return type.kind === 'scalar' ? (zeros[type.scalar] ?? null) : type.kind === 'struct' ? structForm(type.struct, {}) : null
  if (type.kind === 'pointer') return form(type.of, value)
  if (type.kind === 'list') return (value as unknown[]).map(item => form(type.of, item))
  if (type.kind === 'map')
    return Object.fromEntries(
      Object.entries(value as object)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [key, form(type.of, item)]),
    )
  // Types of meta/v1 are the same inside and outside.
  return type.kind === 'struct' && !type.struct.schema.startsWith('io.k8s.apimachinery') ? structForm(type.struct, value as Record<string, unknown>) : value
}

const structForm = (struct: Struct, value: Record<string, unknown>): Record<string, unknown> => {
  const out: Record<string, unknown> = {}
  for (const field of order(struct)) out[field.goName] = form(field.type, value[field.name])
  if (struct.name === 'PodSpec') {
    // What is about the host's namespaces stands in the security context.
    const { hostNetwork = false, hostPID = false, hostIPC = false, shareProcessNamespace = null, hostUsers = null } = value
    if (value['securityContext'])
      out['SecurityContext'] = {
        HostNetwork: hostNetwork,
        HostPID: hostPID,
        HostIPC: hostIPC,
        ShareProcessNamespace: shareProcessNamespace,
        HostUsers: hostUsers,
        ...(out['SecurityContext'] as object),
      }
  }
  return out
}

/** An object of the API as the real server's internal type prints it in an error. */
export const internalForm = (schema: string, value: object): Record<string, unknown> => structForm(structFor(schema)!, value as Record<string, unknown>)

interface Match {
  readonly a: number
  readonly b: number
  readonly size: number
}

/** Lines so frequent that they say nothing about what belongs together (as Python's difflib). */
const POPULAR_FROM = 200

/** Blocks that two texts share, longest first found and then on both sides of it (Ratcliff and Obershelp). */
const matches = (a: readonly string[], b: readonly string[]): Match[] => {
  const places = new Map<string, number[]>()
  for (const [index, line] of b.entries()) {
    const known = places.get(line)
    if (known) known.push(index)
    else places.set(line, [index])
  }
  const popular = new Set<string>()
  if (b.length >= POPULAR_FROM) for (const [line, list] of places) if (list.length > Math.floor(b.length / 100) + 1) popular.add(line)
  for (const line of popular) places.delete(line)

  const longest = (fromA: number, toA: number, fromB: number, toB: number): Match => {
    let best: Match = { a: fromA, b: fromB, size: 0 }
    let lengths = new Map<number, number>()
    for (let i = fromA; i < toA; i++) {
      const next = new Map<number, number>()
      for (const j of places.get(a[i]!) ?? []) {
        if (j < fromB || j >= toB) continue
        const size = (lengths.get(j - 1) ?? 0) + 1
        next.set(j, size)
        if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
      }
      lengths = next
    }
    let { a: i, b: j, size } = best
    while (i > fromA && j > fromB && a[i - 1] === b[j - 1]) [i, j, size] = [i - 1, j - 1, size + 1]
    while (i + size < toA && j + size < toB && a[i + size] === b[j + size]) size++
    return { a: i, b: j, size }
  }

  const found: Match[] = []
  const pending: [number, number, number, number][] = [[0, a.length, 0, b.length]]
  for (;;) {
    const range = pending.pop()
    if (!range) break
    const [fromA, toA, fromB, toB] = range
    const match = longest(...range)
    if (match.size === 0) continue
    found.push(match)
    pending.push([fromA, match.a, fromB, match.b], [match.a + match.size, toA, match.b + match.size, toB])
  }
  found.sort((x, y) => x.a - y.a)
  const joined: Match[] = []
  for (const match of found) {
    const last = joined.at(-1)
    if (last && last.a + last.size === match.a && last.b + last.size === match.b) joined[joined.length - 1] = { ...last, size: last.size + match.size }
    else joined.push(match)
  }
  return joined
}

const CONTEXT = 3

interface Change {
  readonly a: readonly [number, number]
  readonly b: readonly [number, number]
}

const range = ([from, to]: readonly [number, number]): string => (to - from === 1 ? `${from + 1}` : `${to === from ? from : from + 1},${to - from}`)

/** A unified diff of two values printed as indented JSON, without a head (apimachinery's util/diff). */
export const diffJson = (before: unknown, after: unknown): string => {
  const print = (value: unknown) =>
    JSON.stringify(value, null, 1)
      .replaceAll(/[<>&]/g, char => `\\u00${char.charCodeAt(0).toString(16)}`)
      .split('\n')
  const [a, b] = [print(before), print(after)]
  const changes: Change[] = []
  let [i, j] = [0, 0]
  for (const match of [...matches(a, b), { a: a.length, b: b.length, size: 0 }]) {
    if (i < match.a || j < match.b) changes.push({ a: [i, match.a], b: [j, match.b] })
    ;[i, j] = [match.a + match.size, match.b + match.size]
  }
  const hunks: Change[][] = []
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1)
    if (last && change.a[0] - last.a[1] <= 2 * CONTEXT) hunks.at(-1)!.push(change)
    else hunks.push([change])
  }
  return hunks
    .map(hunk => {
      const [first, last] = [hunk[0]!, hunk.at(-1)!]
      const start = Math.max(0, first.a[0] - CONTEXT)
      const end = Math.min(a.length, last.a[1] + CONTEXT)
      const lines: string[] = []
      let at = start
      for (const change of hunk) {
        lines.push(
          ...a.slice(at, change.a[0]).map(line => ` ${line}`),
          ...a.slice(...change.a).map(line => `-${line}`),
          ...b.slice(...change.b).map(line => `+${line}`),
        )
        at = change.a[1]
      }
      lines.push(...a.slice(at, end).map(line => ` ${line}`))
      const startB = first.b[0] - (first.a[0] - start)
      return `@@ -${range([start, end])} +${range([startB, last.b[1] + (end - last.a[1])])} @@\n${lines.join('\n')}\n`
    })
    .join('')
}
