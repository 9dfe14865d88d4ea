import type { KubectlCommand } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { toYaml } from '../print/output.ts'
import { alignRows } from '../print/table.ts'

/** K3s writes one cluster, one user and one context, all called `default`. */
const NAME = 'default'

const view: KubectlCommand = {
  name: 'view',
  summary: 'Display merged kubeconfig settings or a specified kubeconfig file',
  usage: 'kubectl config view [flags] [options]',
  flags: [{ name: 'minify', type: 'bool', usage: 'Remove all information not used by current-context' }],
  run: async ({ io }) => {
    const config = {
      apiVersion: 'v1',
      clusters: io.endpoint ? [{ cluster: { 'certificate-authority-data': 'DATA+OMITTED', server: `https://${io.server}` }, name: NAME }] : null,
      contexts: io.endpoint ? [{ context: { cluster: NAME, user: NAME }, name: NAME }] : null,
      'current-context': io.endpoint ? NAME : '',
      kind: 'Config',
      users: io.endpoint ? [{ name: NAME, user: { 'client-certificate-data': 'DATA+OMITTED', 'client-key-data': 'DATA+OMITTED' } }] : null,
    }
    io.stdout(toYaml(config))
    return 0
  },
}

const currentContext: KubectlCommand = {
  name: 'current-context',
  summary: 'Display the current-context',
  usage: 'kubectl config current-context [options]',
  flags: [],
  run: async ({ io }) => {
    if (!io.endpoint) throw new KubectlError('error: current-context is not set')
    io.stdout(`${NAME}\n`)
    return 0
  },
}

const getContexts: KubectlCommand = {
  name: 'get-contexts',
  summary: 'Describe one or many contexts',
  usage: 'kubectl config get-contexts [(-o|--output=)name)] [options]',
  flags: [],
  run: async ({ io }) => {
    io.stdout(alignRows([['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'], ...(io.endpoint ? [['*', NAME, NAME, NAME, '']] : [])]))
    return 0
  },
}

export const config: KubectlCommand = {
  name: 'config',
  summary: 'Modify kubeconfig files',
  usage: 'kubectl config SUBCOMMAND [options]',
  flags: [],
  subcommands: [currentContext, getContexts, view],
}
