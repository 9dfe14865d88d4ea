import type { KubectlCommand } from '../command.ts'
import { apply } from './apply.ts'
import { auth } from './auth.ts'
import { apiResources, apiVersions, clusterInfo, events, top, version } from './cluster.ts'
import { config } from './config.ts'
import { cordon, uncordon } from './cordon.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { describe } from './describe.ts'
import { drain } from './drain.ts'
import { expose } from './expose.ts'
import { get } from './get.ts'
import { logs } from './logs.ts'
import { annotate, label } from './metadata.ts'
import { patch } from './patch.ts'
import { rollout } from './rollout.ts'
import { run } from './run.ts'
import { scale } from './scale.ts'
import { set } from './set.ts'
import { taint } from './taint.ts'
import { wait } from './wait.ts'

/** Commands under the headings of `kubectl --help`. A new command is a file and a place in this list. */
export const groups: readonly { readonly title: string; readonly commands: readonly KubectlCommand[] }[] = [
  { title: 'Basic Commands (Beginner)', commands: [create, expose, run, set] },
  { title: 'Basic Commands (Intermediate)', commands: [get, remove] },
  { title: 'Deploy Commands', commands: [rollout, scale] },
  { title: 'Cluster Management Commands', commands: [clusterInfo, top, cordon, uncordon, drain, taint] },
  { title: 'Troubleshooting and Debugging Commands', commands: [describe, logs, auth, events] },
  { title: 'Advanced Commands', commands: [apply, patch, wait] },
  { title: 'Settings Commands', commands: [label, annotate] },
]

export const otherCommands: readonly KubectlCommand[] = [apiResources, apiVersions, config, version]

export const commands: readonly KubectlCommand[] = [...groups.flatMap(group => group.commands), ...otherCommands]
