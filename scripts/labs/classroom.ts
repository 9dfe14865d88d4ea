import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { LabState } from '../../shared/domain/lab.ts'
import { connectCluster } from '../../main/kube/connect.ts'
import { readKubeconfig } from '../../main/kube/kubeconfig.ts'
import { parseQuantity } from '../../main/kube/quantity.ts'
import { silentLog } from '../../main/log/log.ts'
import { type RunningHomelab, startHomelab } from '../../main/services/homelabs/index.ts'
import { shellHistory } from '../../main/services/labs/history.ts'
import { labsService } from '../../main/services/labs/labs.ts'
import { connectSsh, type SshConnection } from '../../main/ssh/connect.ts'
import type { Action } from './transcript.ts'

/** How long a command, a check or a machine may take before a play is given up. */
const PATIENCE_MS = 90_000

/** A simulated homelab in a directory of its own, its labs, and a student at a terminal over SSH. */
export const openClassroom = async (course: string, seed: number) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'k3lab-play-'))
  const homelab = await startHomelab({ dataDir, preset: 'class3', seed, log: silentLog })
  const cluster = connectCluster(readKubeconfig(homelab.facts.kubeconfigPath), silentLog)
  const server = homelab.list().find(machine => machine.role === 'server')!.name
  const connections = new Map<string, Promise<SshConnection>>()
  const connectionTo = async (name: string): Promise<SshConnection> => {
    const open = connections.get(name)
    if (open && !(await open.catch(() => ({ closed: true }))).closed) return open
    const opened = connectSsh(endpointOf(homelab, name))
    connections.set(name, opened)
    return opened
  }
  const exec = async (name: string, command: string) => (await connectionTo(name)).exec(command)
  const labs = labsService({
    course,
    dataDir,
    cluster: () => cluster,
    history: shellHistory({
      machines: async () =>
        homelab
          .list()
          .filter(({ power }) => power === 'on')
          .map(({ name }) => ({ id: name, name })),
      exec,
    }),
  })
  const shells = new Map<string, Awaited<ReturnType<typeof openShell>>>()

  const shellOn = async (name: string) => {
    const shell = shells.get(name) ?? (await openShell(await connectionTo(name)))
    shells.set(name, shell)
    return shell
  }
  const expand = async (text: string): Promise<string> => {
    const command = /^\$\((.*)\)$/.exec(text)?.[1]
    if (command === undefined) return text
    const { stdout, stderr, code } = await exec(server, command)
    if (code !== 0 && stderr !== '') throw new Error(`${command}: ${stderr}`)
    return stdout.trim()
  }

  /** What a student does; resolves when the machine or the lab has taken it. */
  const act = async (labId: string, stepId: string, action: Action): Promise<void> => {
    switch (action.do) {
      case 'type':
        return (await shellOn(action.machine)).type(action.lines)
      case 'answer': {
        const text = await expand(action.value)
        const value =
          action.how.as === 'sum'
            ? String(
                Number(
                  (text.split(/\s+/).reduce((sum, one) => sum + parseQuantity(one), 0) / (action.how.unit ? parseQuantity(`1${action.how.unit}`) : 1)).toFixed(
                    2,
                  ),
                ),
              )
            : action.how.as === 'table'
              ? JSON.stringify(Object.fromEntries(text.split('\n').map(line => line.trim().split(/\s+/))))
              : text
        return labs.answer({ labId, stepId, answers: { [action.field]: value } })
      }
      case 'power':
        return homelab.power(action.machine, action.power)
      case 'wait':
        return pause(action.seconds * 1000)
      case 'await':
        return until(
          async () => (await cluster.list({ apiVersion: 'v1', kind: 'Event' })).some(event => event['reason'] === action.reason),
          () => `no event ${action.reason}`,
        )
      case 'undo':
        return void (await exec(server, action.command))
      default:
        return action satisfies never
    }
  }

  /** The state as the page sees it, until it is as wanted. Rejects with what was last seen. */
  const see = async (labId: string, wanted: (state: LabState) => boolean): Promise<void> => {
    const leave = AbortSignal.timeout(PATIENCE_MS)
    let last: LabState | undefined
    for await (const state of labs.watch({ labId, locale: 'en' }, leave)) {
      last = state
      if (wanted(state)) return
    }
    const open = last?.steps.find(step => !step.passed)
    throw new Error(`${open?.id}: ${open?.result.value}: ${open?.result.seen}${open?.diagnosis ? ` [${open.diagnosis}]` : ''}`)
  }

  return {
    server,
    labs,
    act,
    see,
    /** Everything the lab made is gone, so that the next play begins with a clean desk. */
    settle: (names: readonly string[]) =>
      until(
        async () =>
          (await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'default' })).every(
            pod => !names.some(name => pod.metadata.name.startsWith(name)),
          ),
        () => 'pods of the play before are still there',
      ),
    dispose: async () => {
      for (const shell of shells.values()) shell.end()
      for (const connection of connections.values()) (await connection.catch(() => undefined))?.dispose()
      labs.dispose()
      cluster.dispose()
      await homelab.dispose()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

const endpointOf = (homelab: RunningHomelab, name: string) => {
  const machine = homelab.list().find(one => one.name === name)
  if (!machine) throw new Error(`no machine ${name}`)
  return machine.endpoint
}

const until = async (condition: () => Promise<boolean>, otherwise: () => string): Promise<void> => {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(otherwise())
    await pause(200)
  }
}

/** A login shell with a terminal; a line counts as done when the prompt is back. */
const openShell = async (connection: SshConnection) => {
  const channel = await connection.shell({ cols: 200, rows: 50 })
  let output = ''
  channel.setEncoding('utf8')
  channel.on('data', (text: string) => (output += text))
  // eslint-disable-next-line no-control-regex
  const atPrompt = () => /[$#] $/.test(output.replaceAll(/\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)/g, ''))
  await until(
    async () => atPrompt(),
    () => `no prompt: ${output}`,
  )
  return {
    type: async (lines: readonly string[]) => {
      output = ''
      channel.write(`${lines.join('\r')}\r`)
      // The echo of the line itself does not end in a prompt.
      await until(
        async () => output.includes('\n') && atPrompt(),
        () => `${lines[0]}: did not end: ${output}`,
      )
    },
    end: () => channel.end(),
  }
}
