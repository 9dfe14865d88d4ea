import type { HostPort } from '../pod-info.ts'
import { podInfo } from '../pod-info.ts'
import { rejection } from '../framework.ts'
import type { Plugin } from '../framework.ts'

const NAME = 'NodePorts'
const taken = rejection(NAME, "node(s) didn't have free ports for the requested pod ports", false)

const ANY_ADDRESS = '0.0.0.0'
const conflicts = (a: HostPort, b: HostPort) =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === ANY_ADDRESS || b.ip === ANY_ADDRESS)
const anyConflict = (wanted: readonly HostPort[], used: readonly HostPort[]) => wanted.some(port => used.some(other => conflicts(port, other)))

/** Keeps pods with host ports off nodes where another pod has them. */
export const nodePorts: Plugin = {
  name: NAME,
  preFilter: ({ ports }) =>
    ports.length > 0 ? { filter: node => (node.usedPorts.length > 0 && anyConflict(ports, node.usedPorts) ? taken : undefined) } : undefined,
  mayHelp: (event, { ports }) => event.kind === 'NodeAdded' || (event.kind === 'PodDeleted' && anyConflict(ports, podInfo(event.pod, false).ports)),
}
