/** Reads command lines as a shell would split them, and kubectl's as kubectl would understand them. */

/** One simple command: what ran, its words, and its flags by long name (`true` for a flag without a value). */
export interface Command {
  readonly program: string
  readonly words: readonly string[]
  readonly flags: Readonly<Record<string, string | true>>
}

/** Splits a line at pipes, `;`, `&&`, `||` and `&` into argument vectors; quotes and backslashes as in POSIX sh. Expansions are left as written. */
export const splitLine = (line: string): readonly (readonly string[])[] => {
  const commands: string[][] = [[]]
  let word: string | undefined
  let quote: '"' | "'" | undefined
  const end = () => {
    if (word !== undefined) commands.at(-1)!.push(word)
    word = undefined
  }
  for (let index = 0; index < line.length; index++) {
    const char = line[index]!
    if (quote === "'") {
      if (char === "'") quote = undefined
      else word += char
    } else if (char === '\\' && index + 1 < line.length) word = (word ?? '') + line[++index]!
    else if (quote === '"') {
      if (char === '"') quote = undefined
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === '#' && word === undefined) break
    else if (/\s/.test(char)) end()
    else if (char === '|' || char === ';' || char === '&') {
      end()
      if (commands.at(-1)!.length > 0) commands.push([])
    } else word = (word ?? '') + char
  }
  end()
  return commands.filter(command => command.length > 0)
}

const resources: Readonly<Record<string, string>> = {
  no: 'nodes',
  node: 'nodes',
  po: 'pods',
  pod: 'pods',
  deploy: 'deployments',
  deployment: 'deployments',
  rs: 'replicasets',
  replicaset: 'replicasets',
  svc: 'services',
  service: 'services',
  ns: 'namespaces',
  namespace: 'namespaces',
  ev: 'events',
  event: 'events',
  cm: 'configmaps',
  configmap: 'configmaps',
  sa: 'serviceaccounts',
  ep: 'endpoints',
  endpointslice: 'endpointslices',
  lease: 'leases',
}
const shortFlags: Readonly<Record<string, string>> = {
  o: 'output',
  n: 'namespace',
  A: 'all-namespaces',
  l: 'selector',
  w: 'watch',
  f: 'filename',
  c: 'container',
  v: 'v',
  L: 'label-columns',
}
/** kubectl's flags that take no value, so that `get -w pods` does not swallow `pods`. */
const switches = new Set(['all-namespaces', 'watch', 'show-labels', 'force', 'now', 'no-headers', 'help', 'wide', 'all'])

/** Understands one argument vector: `sudo` and `k3s` in front of kubectl, `k` for it, short flags and resource names made long. */
export const readCommand = (argv: readonly string[]): Command => {
  let rest = [...argv]
  while (/^[A-Za-z_][A-Za-z0-9_]*=/.test(rest[0] ?? '')) rest.shift()
  if (rest[0] === 'sudo') rest = rest.slice(1)
  if (rest[0] === 'k3s' && rest[1] === 'kubectl') rest = rest.slice(1)
  const program = rest[0] === 'k' ? 'kubectl' : (rest[0] ?? '')
  if (program !== 'kubectl') return { program, words: rest.slice(1), flags: {} }
  const words: string[] = []
  const flags: Record<string, string | true> = {}
  for (let index = 1; index < rest.length; index++) {
    const word = rest[index]!
    const long = /^--([a-z0-9-]+)(?:=(.*))?$/.exec(word)
    const short = /^-([A-Za-z])=?(.*)$/.exec(word)
    if (!long && !short) {
      words.push(word)
      continue
    }
    const name = long ? long[1]! : (shortFlags[short![1]!] ?? short![1]!)
    const attached = long ? long[2] : short![2] || undefined
    if (attached !== undefined) flags[name] = attached
    else if (switches.has(name) || rest[index + 1] === undefined || rest[index + 1]!.startsWith('-')) flags[name] = true
    else flags[name] = rest[++index]!
  }
  return { program, words: words.map((word, index) => (index === 0 ? word : resourceName(word))), flags }
}

const resourceName = (word: string): string => {
  const [kind, name] = word.split('/', 2)
  const long = resources[kind!] ?? kind!
  return name === undefined ? long : `${long}/${name}`
}

/** Is `ran` of the pattern's shape: same program, its words in front, its flags with their values (`*` matches any)? */
export const hasShape = (ran: Command, pattern: Command): boolean =>
  ran.program === pattern.program &&
  pattern.words.every((word, index) => (word === '*' ? ran.words[index] !== undefined : ran.words[index] === word)) &&
  Object.entries(pattern.flags).every(([name, value]) => ran.flags[name] !== undefined && (value === true || value === '*' || ran.flags[name] === value))
