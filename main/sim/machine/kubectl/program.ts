import { parse } from 'yaml'
import { rfc3339 } from '../../time/clock.ts'
import { type Command, type CommandContext, readText } from '../commands/command.ts'
import { FileError } from '../files/tree.ts'
import { type ApiEndpoint, DialError } from '../machine.ts'
import { commands } from './commands/index.ts'
import { KubectlError } from './errors.ts'
import { kubectl } from './index.ts'

const K3S_CONFIG = '/etc/rancher/k3s/k3s.yaml'

/** The header in which a program on a machine shows its client certificate, in place of a TLS handshake. */
const CLIENT_CERTIFICATE_HEADER = ':client-certificate'

interface Kubeconfig {
  readonly clusters?: readonly { readonly name: string; readonly cluster: { readonly server: string } }[]
  readonly users?: readonly { readonly name: string; readonly user: { readonly 'client-certificate-data'?: string; readonly token?: string } }[]
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string; readonly user: string } }[]
  readonly 'current-context'?: string
}

/** The kubeconfig by kubectl's rules (and K3s' own file, which its kubectl falls back to); undefined when there is none. */
const findKubeconfig = (context: CommandContext, argv: readonly string[]): { readonly path: string; readonly text: string } | undefined => {
  const flag = argv.findIndex(arg => arg === '--kubeconfig' || arg.startsWith('--kubeconfig='))
  const named = flag < 0 ? undefined : argv[flag]!.includes('=') ? argv[flag]!.split('=')[1] : argv[flag + 1]
  for (const path of named !== undefined
    ? [named]
    : context.env.KUBECONFIG
      ? [context.env.KUBECONFIG]
      : [`${context.env.HOME ?? '/root'}/.kube/config`, K3S_CONFIG]) {
    try {
      return { path, text: context.fs.readText(path) }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      if (error.code === 'ENOENT') {
        if (named !== undefined) throw new KubectlError(`error: stat ${path}: no such file or directory`)
        continue
      }
      const hint =
        path === K3S_CONFIG
          ? `time="${rfc3339(context.clock.now)}" level=warning msg="Unable to read ${K3S_CONFIG}, please start server with --write-kubeconfig-mode or --write-kubeconfig-group to modify kube config permissions"\n`
          : ''
      throw new KubectlError(`${hint}error: error loading config file "${path}": open ${path}: permission denied`)
    }
  }
  return undefined
}

/** The API endpoint a kubeconfig names, reached over the homelab's network as its user. */
const connect = (context: CommandContext, { path, text }: { readonly path: string; readonly text: string }): { endpoint: ApiEndpoint; server: string } => {
  let config: Kubeconfig
  try {
    config = parse(text) as Kubeconfig
  } catch (error) {
    throw new KubectlError(`error: error loading config file "${path}": yaml: ${(error as Error).message.split('\n')[0]}`)
  }
  const chosen = config.contexts?.find(({ name }) => name === config['current-context'])?.context
  const server = new URL(config.clusters?.find(({ name }) => name === chosen?.cluster)?.cluster.server ?? 'http://localhost:8080')
  const user = config.users?.find(({ name }) => name === chosen?.user)?.user
  const identity: Record<string, string> = {
    ...(user?.token && { authorization: `Bearer ${user.token}` }),
    ...(user?.['client-certificate-data'] && { [CLIENT_CERTIFICATE_HEADER]: user['client-certificate-data'] }),
  }
  const endpoint: ApiEndpoint = {
    request: async request => {
      try {
        const { http } = context.machine.dial(server.hostname, Number(server.port || (server.protocol === 'https:' ? 443 : 80)))
        if (!http) throw new DialError('ECONNREFUSED', 'no HTTP server listens there')
        return await http.request({ ...request, headers: { ...request.headers, ...identity } })
      } catch (error) {
        if (!(error instanceof DialError) || error.code === 'ECONNREFUSED') throw error
        const { host } = server
        throw new KubectlError(
          error.code === 'ENOTFOUND'
            ? `Unable to connect to the server: dial tcp: lookup ${server.hostname}: no such host`
            : `Unable to connect to the server: dial tcp ${host}: ${error.code === 'EHOSTUNREACH' ? 'connect: no route to host' : 'i/o timeout'}`,
        )
      }
    },
  }
  return { endpoint, server: server.host }
}

const readFiles = (context: CommandContext) => async (path: string) => {
  const full = path.startsWith('/') ? path : `${context.cwd}/${path}`
  const { fs } = context
  if (!fs.exists(full)) throw new KubectlError(`error: the path "${path}" does not exist`)
  if (fs.stat(full).kind !== 'directory') return [{ path, text: fs.readText(full) }]
  return fs
    .readdir(full)
    .filter(name => /\.(ya?ml|json)$/.test(name))
    .map(name => ({ path: `${path}/${name}`, text: fs.readText(`${full}/${name}`) }))
}

/** What one kubectl run needs, from the machine it runs on. Writes go out in order; a broken pipe ends the run. */
const runKubectl = async (context: CommandContext, argv: readonly string[]): Promise<number> => {
  const ended = new AbortController()
  let pending: Promise<void> = Promise.resolve()
  const write = (to: CommandContext['stdout']) => (text: string) => {
    pending = pending.then(() => to.write(text))
    pending.catch(error => ended.abort(error))
  }
  const stderr = write(context.stderr)
  let connection: { endpoint: ApiEndpoint; server: string } | undefined
  try {
    const found = findKubeconfig(context, argv)
    connection = found && connect(context, found)
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    await context.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
  const signal = AbortSignal.any([context.signal, ended.signal])
  const code = await kubectl(
    {
      endpoint: connection?.endpoint,
      server: connection?.server ?? 'localhost:8080',
      env: context.env,
      signal,
      now: () => context.clock.now,
      sleep: ms => context.clock.sleep(ms, signal),
      isTty: context.stdout.isTty,
      stdout: write(context.stdout),
      stderr,
      stdin: () => readText(context.stdin),
      readFiles: readFiles(context),
    },
    argv,
  )
  await pending
  if (context.signal.aborted) throw context.signal.reason
  return code
}

const TYPES_AFTER = new Set(['get', 'describe', 'delete', 'label', 'annotate', 'scale', 'expose', 'patch', 'edit', 'wait'])

/** `kubectl`, as K3s links it to itself; `k3s kubectl` runs the same. */
export const kubectlCommand: Command = {
  name: 'kubectl',
  summary: 'controls the Kubernetes cluster manager',
  path: '/usr/local/bin/kubectl',
  run: (context, argv) => runKubectl(context, argv.slice(1)),
  complete: async ({ words, prefix, context }) => {
    const typed = words.slice(1).filter(word => !word.startsWith('-'))
    const matching = (list: readonly string[]) => [...new Set(list)].filter(word => word.startsWith(prefix)).toSorted()
    if (words.at(-1) === '-f' || words.at(-1) === '--filename') return undefined
    if (typed.length === 0) return matching(commands.map(command => command.name))
    const command = commands.find(({ name, aliases }) => name === typed[0] || aliases?.includes(typed[0]!))
    if (command?.subcommands && typed.length === 1) return matching(command.subcommands.map(({ name }) => name))
    const ask = async (query: readonly string[]): Promise<string[]> => {
      let out = ''
      const sink = { isTty: false, write: async (data: string | Uint8Array) => void (out += typeof data === 'string' ? data : new TextDecoder().decode(data)) }
      const namespace = words.flatMap((word, index) => (word === '-n' || word === '--namespace' ? ['-n', words[index + 1] ?? ''] : []))
      await runKubectl({ ...context, stdout: sink, stderr: { isTty: false, write: async () => {} } }, [...query, ...namespace])
      return out.split('\n').filter(Boolean)
    }
    // `deploy/w`: the names of one type, each with the type in front.
    const slash = prefix.indexOf('/')
    if (slash > 0)
      return matching((await ask(['get', prefix.slice(0, slash), '-o', 'name'])).map(name => `${prefix.slice(0, slash)}${name.slice(name.indexOf('/'))}`))
    if (typed[0] === 'logs' && typed.length === 1) return matching((await ask(['get', 'pods', '-o', 'name'])).map(name => name.slice(4)))
    if (['cordon', 'uncordon', 'drain'].includes(typed[0]!)) return matching((await ask(['get', 'nodes', '-o', 'name'])).map(name => name.slice(5)))
    const typeAt = typed[0] === 'rollout' ? 2 : typed[0] === 'set' ? 2 : 1
    if (typed[0] === 'taint' && typed.length === 1) return matching(['nodes'])
    if (!TYPES_AFTER.has(typed[0]!) && typeAt === 1 && typed[0] !== 'taint') return undefined
    if (typed.length === typeAt) return matching((await ask(['api-resources', '-o', 'name'])).map(name => name.split('.')[0]!))
    return matching((await ask(['get', typed[typeAt]!, '-o', 'name'])).map(name => name.slice(name.indexOf('/') + 1)))
  },
}
