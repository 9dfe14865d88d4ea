import { rfc3339 } from '../../time/clock.ts'
import { K3S } from '../../k3s/version.ts'
import { kubectlCommand } from '../kubectl/program.ts'
import type { SimulatedMachine } from '../machine.ts'
import type { Command, CommandContext } from './command.ts'
import { columns, refuse } from './options.ts'

/** K3s is on a machine once one of its units is. */
export const hasK3s = (machine: SimulatedMachine): boolean => machine.units.get('k3s') !== undefined || machine.units.get('k3s-agent') !== undefined

const HELP = `NAME:
   k3s - Kubernetes, but small and simple

USAGE:
   k3s [global options] command [command options] [arguments...]

COMMANDS:
   server           Run management server
   agent            Run node agent
   kubectl          Run kubectl
   crictl           Run crictl
   ctr              Run ctr
   check-config     Run config check
   token            Manage tokens
   etcd-snapshot    Manage etcd snapshots
   secrets-encrypt  Control secrets encryption and keys rotation
   certificate      Manage K3s certificates
   completion       Install shell completion script
   help, h          Shows a list of commands or help for one command

GLOBAL OPTIONS:
   --help, -h     show help
   --version, -v  print the version
`

/** Commands of K3s that the simulation has no part for, and what does instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  server: "start it with 'sudo systemctl start k3s'",
  agent: "start it with 'sudo systemctl start k3s-agent'",
  token: 'the join token stands in /var/lib/rancher/k3s/server/node-token',
  'check-config': '',
  'secrets-encrypt': '',
  certificate: '',
  completion: '',
}

const fatal = async (context: CommandContext, message: string): Promise<number> => {
  await context.stderr.write(
    `${context.stderr.isTty ? '\x1b[31mFATA\x1b[0m' : `time="${rfc3339(context.clock.now)}" level=fatal msg=`}${context.stderr.isTty ? `[0000] ${message}` : JSON.stringify(message)}\n`,
  )
  return 1
}

/** The datastore is SQLite unless a server was started with --cluster-init, which none here is. */
const etcdSnapshot = async (context: CommandContext, words: readonly string[]): Promise<number> => {
  if (words.length === 0 || !['save', 'ls', 'list', 'l', 'delete', 'prune'].includes(words[0]!)) {
    await context.stdout.write(
      'NAME:\n   k3s etcd-snapshot - Manage etcd snapshots\n\nUSAGE:\n   k3s etcd-snapshot [command [command options]]\n\nCOMMANDS:\n   save        Trigger an immediate etcd snapshot\n   delete      Delete given snapshot(s)\n   ls, list, l  List snapshots\n   prune       Remove snapshots that match the name prefix that exceed the configured retention count\n',
    )
    return words.length === 0 ? 0 : 3
  }
  if (context.user.uid !== 0) return fatal(context, `Error: open ${context.env['HOME'] ?? ''}/.rancher/k3s/server/token: no such file or directory`)
  if (context.machine.units.get('k3s')?.active !== 'active')
    return fatal(context, 'Error: see server log for details: Get "https://127.0.0.1:6443/db/info": dial tcp 127.0.0.1:6443: connect: connection refused')
  return fatal(context, 'Error: see server log for details: etcd datastore disabled')
}

/** The images as containerd itself lists them, in the namespace K3s uses. */
const ctr = async (context: CommandContext, given: readonly string[]): Promise<number> => {
  const words = given.filter((word, i) => !word.startsWith('-') && given[i - 1] !== '-n' && given[i - 1] !== '--namespace' && given[i - 1] !== '-a')
  const [area, verb = 'ls'] = words
  if (area === undefined || area === 'help') {
    await context.stdout.write(
      'NAME:\n   ctr - \n\nUSAGE:\n   ctr [global options] command [command options] [arguments...]\n\nCOMMANDS:\n   containers, c, container  Manage containers\n   images, image, i          Manage images\n   version                   Print the client and server versions\n',
    )
    return 0
  }
  const cannotDial = (why: string) =>
    refuse(
      context,
      'ctr',
      `failed to dial "/run/k3s/containerd/containerd.sock": context deadline exceeded: connection error: desc = "transport: error while dialing: dial unix /run/k3s/containerd/containerd.sock: connect: ${why}"`,
    )
  if (context.user.uid !== 0) return cannotDial('permission denied')
  const view = context.machine.containers
  if (!view || !containerdRuns(context.machine)) return cannotDial('no such file or directory')
  const quiet = given.some(word => word === '-q' || word === '--quiet')
  if (area === 'version') {
    await context.stdout.write(`Client:\n  Version:  v${K3S.containerd}\n  Go version: ${K3S.go}\n\nServer:\n  Version:  v${K3S.containerd}\n`)
    return 0
  }
  if (['images', 'image', 'i'].includes(area) && ['ls', 'list'].includes(verb)) {
    const images = view.images().toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const rows = images.map(image => [
      `${image.name}:${image.tag}`,
      'application/vnd.oci.image.index.v1+json',
      `sha256:${image.id}`,
      `${(image.sizeBytes / 1024 ** 2).toFixed(1)} MiB`,
      'linux/amd64',
      'io.cri-containerd.image=managed',
    ])
    await context.stdout.write(
      quiet
        ? images.map(image => `${image.name}:${image.tag}\n`).join('')
        : columns([['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS'], ...rows], [], ' '),
    )
    return 0
  }
  if (['containers', 'container', 'c'].includes(area) && ['ls', 'list'].includes(verb)) {
    const containers = view.containers()
    await context.stdout.write(
      quiet
        ? containers.map(container => `${container.id}\n`).join('')
        : columns([['CONTAINER', 'IMAGE', 'RUNTIME'], ...containers.map(container => [container.id, container.image, 'io.containerd.runc.v2'])], [], '    '),
    )
    return 0
  }
  await context.stderr.write(`ctr: this simulated machine has no 'ctr ${area} ${verb}'\n`)
  return 1
}

const containerdRuns = (machine: SimulatedMachine): boolean =>
  machine.units.list().some(unit => /^k3s(-agent)?\.service$/.test(unit.name) && unit.active === 'active')

export const k3s: Command = {
  name: 'k3s',
  path: '/usr/local/bin/k3s',
  summary: 'Kubernetes, but small and simple',
  installed: hasK3s,
  run: async (context, argv) => {
    const [verb, ...rest] = argv.slice(1)
    if (verb === '--version' || verb === '-v') {
      await context.stdout.write(`k3s version ${K3S.version} (${K3S.commit})\ngo version ${K3S.go}\n`)
      return 0
    }
    if (verb === undefined || verb === '--help' || verb === '-h' || verb === 'help') {
      await context.stdout.write(HELP)
      return 0
    }
    if (verb === 'kubectl') return kubectlCommand.run(context, ['kubectl', ...rest])
    if (verb === 'crictl') return crictl.run(context, ['crictl', ...rest])
    if (verb === 'ctr') return ctr(context, rest)
    if (verb === 'etcd-snapshot') return etcdSnapshot(context, rest)
    if (ELSEWHERE[verb] !== undefined) {
      await context.stderr.write(`k3s: this simulated machine has no 'k3s ${verb}'${ELSEWHERE[verb] && `: ${ELSEWHERE[verb]}`}\n`)
      return 1
    }
    await context.stderr.write(`No help topic for '${verb}'\n`)
    return 3
  },
}

const ago = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} second${seconds === 1 ? '' : 's'} ago`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return minutes === 1 ? 'About a minute ago' : `${minutes} minutes ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return hours === 1 ? 'About an hour ago' : `${hours} hours ago`
  return `${Math.floor(hours / 24)} days ago`
}

const decimalSize = (bytes: number) =>
  bytes < 1e6 ? `${(bytes / 1e3).toPrecision(3)}kB` : bytes < 1e9 ? `${(bytes / 1e6).toPrecision(3)}MB` : `${(bytes / 1e9).toPrecision(3)}GB`

export const crictl: Command = {
  name: 'crictl',
  path: '/usr/local/bin/crictl',
  summary: 'client for the container runtime interface',
  installed: hasK3s,
  run: async (context, argv) => {
    const { machine } = context
    const words = argv.slice(1)
    const verb = words.find(word => !word.startsWith('-'))
    const json = words.includes('json') && words.some(word => word === '-o' || word === '--output')
    if (context.user.uid !== 0)
      return refuse(
        context,
        'FATA[0000] validate service connection',
        'validate CRI v1 runtime API for endpoint "unix:///run/k3s/containerd/containerd.sock": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/k3s/containerd/containerd.sock: connect: permission denied"',
      )
    const view = machine.containers
    if (!view || !containerdRuns(machine))
      return refuse(
        context,
        'FATA[0000] validate service connection',
        'validate CRI v1 runtime API for endpoint "unix:///run/k3s/containerd/containerd.sock": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/k3s/containerd/containerd.sock: connect: no such file or directory"',
      )
    const short = (id: string) => id.replace(/^sha256:/, '').slice(0, 13)
    switch (verb) {
      case 'ps': {
        const all = words.some(word => /^-[a-z]*a/.test(word) || word === '--all')
        const list = view
          .containers()
          .filter(container => all || container.state === 'Running')
          .toSorted((a, b) => b.createdAt - a.createdAt)
        if (words.some(word => /^-[a-z]*q/.test(word))) await context.stdout.write(list.map(container => `${container.id}\n`).join(''))
        else if (json)
          await context.stdout.write(
            `${JSON.stringify({ containers: list.map(container => ({ id: container.id, podSandboxId: container.podId, metadata: { name: container.name, attempt: container.attempt }, image: { image: container.image }, imageRef: container.imageId, state: `CONTAINER_${container.state.toUpperCase()}`, createdAt: String(container.createdAt * 1e6), labels: { 'io.kubernetes.container.name': container.name, 'io.kubernetes.pod.name': container.podName, 'io.kubernetes.pod.namespace': container.namespace } })) }, undefined, 2)}\n`,
          )
        else
          await context.stdout.write(
            columns(
              [
                ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'],
                ...list.map(container => [
                  short(container.id),
                  short(container.imageId),
                  ago(context.clock.now - container.createdAt),
                  container.state,
                  container.name,
                  String(container.attempt),
                  short(container.podId),
                  container.podName,
                  container.namespace,
                ]),
              ],
              [],
              '   ',
            ).replaceAll(/(\S)$/gm, '$1'),
          )
        return 0
      }
      case 'images':
      case 'img': {
        const list = view.images()
        if (json)
          await context.stdout.write(
            `${JSON.stringify({ images: list.map(image => ({ id: image.id, repoTags: [`${image.name}:${image.tag}`], size: String(image.sizeBytes) })) }, undefined, 2)}\n`,
          )
        else
          await context.stdout.write(
            columns(
              [['IMAGE', 'TAG', 'IMAGE ID', 'SIZE'], ...list.map(image => [image.name, image.tag, short(image.id), decimalSize(image.sizeBytes)])],
              [],
              '   ',
            ),
          )
        return 0
      }
      case 'pods':
      case 'sandboxes': {
        const list = view.pods()
        if (json)
          await context.stdout.write(
            `${JSON.stringify({ items: list.map(pod => ({ id: pod.id, metadata: { name: pod.name, namespace: pod.namespace, attempt: pod.attempt }, state: `SANDBOX_${pod.state.toUpperCase()}`, createdAt: String(pod.createdAt * 1e6) })) }, undefined, 2)}\n`,
          )
        else
          await context.stdout.write(
            columns(
              [
                ['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'],
                ...list.map(pod => [
                  short(pod.id),
                  ago(context.clock.now - pod.createdAt),
                  pod.state,
                  pod.name,
                  pod.namespace,
                  String(pod.attempt),
                  '(default)',
                ]),
              ],
              [],
              '   ',
            ),
          )
        return 0
      }
      case 'logs': {
        const id = words[words.indexOf('logs') + 1]
        const found = view.containers().find(container => id !== undefined && id !== '' && container.id.startsWith(id))
        if (!found)
          return refuse(context, 'FATA[0000] rpc error', `code = NotFound desc = an error occurred when try to find container "${id ?? ''}": not found`)
        await context.stdout.write(view.logs(found.id) ?? '')
        return 0
      }
      case 'info':
      case 'version':
        await context.stdout.write(`Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  ${K3S.containerd}\nRuntimeApiVersion:  v1\n`)
        return 0
      default:
        await context.stdout.write(
          'NAME:\n   crictl - client for CRI\n\nUSAGE:\n   crictl [global options] command [command options] [arguments...]\n\nCOMMANDS:\n   images, image, img  List images\n   logs                Fetch the logs of a container\n   pods                List pods\n   ps                  List containers\n   version             Display runtime version information\n',
        )
        return verb === undefined || verb === 'help' ? 0 : 1
    }
  },
  complete: async ({ words }) => (words.length === 1 ? ['images', 'logs', 'pods', 'ps', 'version'] : undefined),
}
