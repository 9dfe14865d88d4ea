import { createClient } from './client.ts'
import type { KubectlCommand } from './command.ts'
import { commands, groups, otherCommands } from './commands/index.ts'
import { errorText, KubectlError, StatusError } from './errors.ts'
import { parseFlags, type FlagSpec } from './flags.ts'
import type { KubectlIo } from './io.ts'

export type { KubectlIo } from './io.ts'

/** Flags that every command takes. */
const globalFlags: readonly FlagSpec[] = [
  { name: 'namespace', short: 'n', type: 'string', usage: 'If present, the namespace scope for this CLI request' },
  { name: 'kubeconfig', type: 'string', usage: 'Path to the kubeconfig file to use for CLI requests' },
  { name: 'context', type: 'string', usage: 'The name of the kubeconfig context to use' },
  { name: 'request-timeout', type: 'string', default: '0', usage: 'The length of time to wait before giving up on a single server request' },
  { name: 'v', short: 'v', type: 'int', default: 0, usage: 'number for the log level verbosity' },
  { name: 'help', short: 'h', type: 'bool', usage: 'help' },
]

const DEFAULT_NAMESPACE = 'default'

const padded = (names: readonly KubectlCommand[]): string => {
  const width = Math.max(...names.map(command => command.name.length)) + 1
  return names.map(command => `  ${command.name.padEnd(width)} ${command.summary}`).join('\n')
}

const overview = (): string =>
  [
    'kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/\n',
    ...groups.map(group => `${group.title}:\n${padded(group.commands)}\n`),
    `Other Commands:\n${padded(otherCommands)}\n`,
    'Usage:\n  kubectl [flags] [options]\n\nUse "kubectl <command> --help" for more information about a given command.\n',
  ].join('\n')

const help = (command: KubectlCommand, path: string): string => {
  const shown = (flag: FlagSpec) =>
    `    ${flag.short ? `-${flag.short}, ` : ''}--${flag.name}=${flag.type === 'list' ? '[]' : flag.type === 'string' ? `'${flag.default ?? ''}'` : (flag.default ?? (flag.type === 'bool' ? 'false' : '0'))}:\n\t${flag.usage}\n`
  return [
    `${command.summary}.\n`,
    ...(command.subcommands ? [`Available Commands:\n${padded(command.subcommands)}\n`] : []),
    ...(command.flags.length > 0
      ? [
          `Options:\n${command.flags
            .toSorted((a, b) => (a.name < b.name ? -1 : 1))
            .map(shown)
            .join('\n')}`,
        ]
      : []),
    `Usage:\n  ${command.usage}\n`,
    ...(command.subcommands ? [`Use "${path} <command> --help" for more information about a given command.`] : []),
    'Use "kubectl options" for a list of global command-line options (applies to all commands).\n',
  ].join('\n')
}

const find = (list: readonly KubectlCommand[], word: string): KubectlCommand | undefined =>
  list.find(command => command.name === word || command.aliases?.includes(word))

/** Splits the command words (which may follow global flags) from the rest. */
const resolve = (argv: readonly string[]): { command: KubectlCommand; path: string; args: string[] } | undefined => {
  const args = [...argv]
  let command: KubectlCommand | undefined
  let path = 'kubectl'
  for (let at = 0; at < args.length;) {
    const word = args[at]!
    if (word === '--') break
    if (word.startsWith('-')) {
      const flag = globalFlags.find(spec => word === `--${spec.name}` || word === `-${spec.short}`)
      at += flag && flag.type !== 'bool' ? 2 : 1
      continue
    }
    const next = find(command ? (command.subcommands ?? []) : commands, word)
    if (!next) {
      if (!command) throw new KubectlError(`error: unknown command "${word}" for "kubectl"${suggestion(word)}`)
      if (command.subcommands && !command.run) throw new KubectlError(`error: unknown command "${word}"\nSee '${path} -h' for help and examples`)
      break
    }
    command = next
    path += ` ${next.name}`
    args.splice(at, 1)
    if (!command.subcommands) break
  }
  return command && { command, path, args }
}

const suggestion = (word: string): string => {
  const near = commands.filter(command => distance(command.name, word) <= 2 || command.name.startsWith(word.toLowerCase())).map(command => `\t${command.name}`)
  return near.length > 0 ? `\n\nDid you mean this?\n${near.join('\n')}` : ''
}

/** Levenshtein distance. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}

/**
 * Runs one kubectl command line (without the word `kubectl`) and resolves with its exit code: 0, 1, or 130 after Ctrl-C.
 * Output and messages are worded as kubectl's, since students will meet the real one.
 */
export const kubectl = async (io: KubectlIo, argv: readonly string[]): Promise<number> => {
  try {
    if (argv.length === 0 || (argv.length === 1 && ['help', '--help', '-h'].includes(argv[0]!))) {
      io.stdout(overview())
      return 0
    }
    const asked = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
    const resolved = resolve(asked)
    if (!resolved) throw new KubectlError("error: unknown flag\nSee 'kubectl --help' for usage.")
    const { command, path, args } = resolved
    const flags = parseFlags(args, [...command.flags, ...globalFlags], path)
    if (flags.bool('help') || !command.run) {
      io.stdout(help(command, path))
      return 0
    }
    const context = flags.string('context')
    if (context !== undefined && context !== 'default') throw new KubectlError(`error: context "${context}" does not exist`)
    return await command.run({
      io,
      client: createClient(io),
      flags,
      namespace: flags.string('namespace') ?? DEFAULT_NAMESPACE,
      namespaceGiven: flags.has('namespace'),
    })
  } catch (error) {
    if (io.signal.aborted) return 130
    if (!(error instanceof KubectlError || error instanceof StatusError) && (error as { code?: unknown }).code !== 'ENOENT') throw error
    io.stderr(`${(error as { code?: unknown }).code === 'ENOENT' ? `error: ${(error as Error).message}` : errorText(error)}\n`)
    return error instanceof KubectlError ? error.exitCode : 1
  }
}
