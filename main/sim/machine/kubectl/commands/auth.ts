import { findResource } from '../client.ts'
import type { KubectlCommand } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { toJson, toYaml } from '../print/output.ts'
import { alignRows } from '../print/table.ts'
import { allNamespacesFlag } from '../targets.ts'

interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

const rows = (resourceRules: readonly Rule[], nonResourceRules: readonly Rule[]): string[][] => [
  ...resourceRules.flatMap(rule =>
    (rule.resources ?? []).flatMap(resource =>
      (rule.apiGroups ?? ['']).map(group => [
        group ? `${resource}.${group}` : resource,
        '[]',
        `[${(rule.resourceNames ?? []).join(' ')}]`,
        `[${rule.verbs.join(' ')}]`,
      ]),
    ),
  ),
  ...nonResourceRules.flatMap(rule => (rule.nonResourceURLs ?? []).map(url => ['', `[${url}]`, '[]', `[${rule.verbs.join(' ')}]`])),
]

const canI: KubectlCommand = {
  name: 'can-i',
  summary: 'Check whether an action is allowed',
  usage: 'kubectl auth can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL] [options]',
  flags: [
    allNamespacesFlag,
    { name: 'list', type: 'bool', usage: 'If true, prints all allowed actions' },
    { name: 'quiet', short: 'q', type: 'bool', usage: 'If true, suppress output and just return the exit code' },
    { name: 'subresource', type: 'string', default: '', usage: 'SubResource such as pod/log or deployment/scale' },
    { name: 'no-headers', type: 'bool', usage: 'If true, prints allowed actions without headers' },
  ],
  run: async ({ client, flags, io, namespace }) => {
    if (flags.bool('list')) {
      const { status } = await client.json('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
        body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } },
      })
      const found = rows(status.resourceRules ?? [], status.nonResourceRules ?? [])
      io.stdout(alignRows(flags.bool('no-headers') ? found : [['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs'], ...found]))
      return 0
    }
    const [verb, target] = flags.args
    if (!verb || !target || flags.args.length > 2)
      throw new KubectlError(
        "error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
      )
    let spec: object
    if (target.startsWith('/')) spec = { nonResourceAttributes: { path: target, verb } }
    else {
      const [type, name = ''] = target.split('/')
      let [group, resource] = ['', type!]
      if (type !== '*') {
        try {
          const found = await findResource(client, type!)
          group = found.group
          resource = found.resource
        } catch (error) {
          if (!(error instanceof KubectlError)) throw error
          io.stderr(`Warning: the server doesn't have a resource type '${type}'\n\n`)
        }
      } else group = '*'
      spec = {
        resourceAttributes: { verb, group, resource, name, subresource: flags.string('subresource'), ...(!flags.bool('all-namespaces') && { namespace }) },
      }
    }
    const { status } = await client.json('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec },
    })
    if (!flags.bool('quiet')) io.stdout(`${status.allowed ? 'yes' : 'no'}${status.reason && !status.allowed ? ` - ${status.reason}` : ''}\n`)
    return status.allowed ? 0 : 1
  },
}

const whoami: KubectlCommand = {
  name: 'whoami',
  summary: 'Experimental: Check self subject attributes',
  usage: 'kubectl auth whoami [options]',
  flags: [{ name: 'output', short: 'o', type: 'string', default: '', usage: 'Output format' }],
  run: async ({ client, flags, io }) => {
    const review = await client.json('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    })
    const format = flags.string('output')
    if (format === 'yaml' || format === 'json') {
      io.stdout(format === 'yaml' ? toYaml(review) : toJson(review))
      return 0
    }
    const {
      username,
      uid,
      groups,
      extra = {},
    } = review.status.userInfo as { username: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> }
    io.stdout(
      alignRows([
        ['ATTRIBUTE', 'VALUE'],
        ['Username', username],
        ...(uid ? [['UID', uid]] : []),
        ['Groups', `[${(groups ?? []).join(' ')}]`],
        ...Object.keys(extra)
          .toSorted()
          .map(key => [`Extra: ${key}`, `[${extra[key]!.join(' ')}]`]),
      ]),
    )
    return 0
  },
}

export const auth: KubectlCommand = {
  name: 'auth',
  summary: 'Inspect authorization',
  usage: 'kubectl auth SUBCOMMAND [options]',
  flags: [],
  subcommands: [canI, whoami],
}
