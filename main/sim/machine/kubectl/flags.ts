import { KubectlError } from './errors.ts'

/** One flag of a command, after spf13/pflag. `list` may be repeated; `bool` takes a value only as `--x=false`. */
export interface FlagSpec {
  readonly name: string
  readonly short?: string
  readonly type: 'string' | 'bool' | 'int' | 'duration' | 'list'
  readonly usage: string
  readonly default?: string | number | boolean
  /** Value when the flag stands without one (`--dry-run`). */
  readonly bare?: string
}

export interface Parsed {
  readonly args: readonly string[]
  /** What stands after `--`. */
  readonly rest: readonly string[] | undefined
  string(name: string): string | undefined
  bool(name: string): boolean
  int(name: string): number | undefined
  list(name: string): readonly string[]
  /** Milliseconds of a Go duration; `0s` is 0. */
  duration(name: string): number | undefined
  has(name: string): boolean
}

const DURATION_UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds of a Go duration (`1h30m`, `20s`); undefined when it is none. */
export const parseDuration = (text: string): number | undefined => {
  if (/^[+-]?0$/.test(text)) return 0
  const match = /^(-?)((?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(text)
  if (!match) return undefined
  let total = 0
  for (const [, value, unit] of match[2]!.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) total += Number(value) * DURATION_UNITS[unit!]!
  return match[1] ? -total : total
}

/** Parses arguments as pflag does: flags may stand anywhere, shorthands may be joined, `--` ends them. */
export const parseFlags = (argv: readonly string[], specs: readonly FlagSpec[], command: string): Parsed => {
  const byName = new Map(specs.map(spec => [spec.name, spec]))
  const byShort = new Map(specs.filter(spec => spec.short).map(spec => [spec.short!, spec]))
  const values = new Map<string, string[]>()
  const args: string[] = []
  let rest: string[] | undefined
  const usage = `See '${command} --help' for usage.`

  const set = (spec: FlagSpec, value: string, shown: string) => {
    const invalid = (why: string) => {
      throw new KubectlError(`error: invalid argument "${value}" for "${shown}" flag: ${why}\n${usage}`)
    }
    if (spec.type === 'bool' && !/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value))
      invalid(`strconv.ParseBool: parsing "${value}": invalid syntax`)
    if (spec.type === 'int' && !/^[+-]?\d+$/.test(value)) invalid(`strconv.ParseInt: parsing "${value}": invalid syntax`)
    if (spec.type === 'duration' && parseDuration(value) === undefined)
      invalid(/^-?\d+$/.test(value) ? `time: missing unit in duration "${value}"` : `time: invalid duration "${value}"`)
    if (spec.type === 'list') values.set(spec.name, [...(values.get(spec.name) ?? []), value])
    else values.set(spec.name, [value])
  }

  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!
    if (arg === '--') {
      rest = argv.slice(i + 1)
      break
    }
    if (arg.startsWith('--')) {
      const [name, joined] = splitOnce(arg.slice(2), '=')
      const spec = byName.get(name)
      if (!spec) throw new KubectlError(`error: unknown flag: --${name}\n${usage}`)
      const shown = `${spec.short ? `-${spec.short}, ` : ''}--${spec.name}`
      if (joined !== undefined) set(spec, joined, shown)
      else if (spec.type === 'bool') set(spec, 'true', shown)
      else if (spec.bare !== undefined) set(spec, spec.bare, shown)
      else if (i + 1 < argv.length) set(spec, argv[++i]!, shown)
      else throw new KubectlError(`error: flag needs an argument: --${name}\n${usage}`)
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (let j = 1; j < arg.length; j++) {
        const letter = arg[j]!
        const spec = byShort.get(letter)
        if (!spec) throw new KubectlError(`error: unknown shorthand flag: '${letter}' in ${arg}\n${usage}`)
        const shown = `-${letter}, --${spec.name}`
        const tail = arg.slice(j + 1)
        if (tail.startsWith('=')) set(spec, tail.slice(1), shown)
        else if (spec.type === 'bool') {
          set(spec, 'true', shown)
          continue
        } else if (tail) set(spec, tail, shown)
        else if (i + 1 < argv.length) set(spec, argv[++i]!, shown)
        else throw new KubectlError(`error: flag needs an argument: '${letter}' in ${arg}\n${usage}`)
        break
      }
    } else args.push(arg)
  }

  const last = (name: string): string | undefined => {
    const spec = byName.get(name)
    return values.get(name)?.at(-1) ?? (spec?.default === undefined ? undefined : String(spec.default))
  }
  return {
    args,
    rest,
    string: last,
    bool: name => /^(1|t)/i.test(last(name) ?? ''),
    int: name => (last(name) === undefined ? undefined : Number(last(name))),
    list: name => (values.get(name) ?? []).flatMap(value => value.split(',')),
    duration: name => (last(name) === undefined ? undefined : parseDuration(last(name)!)),
    has: name => values.has(name),
  }
}

const splitOnce = (text: string, separator: string): [string, string | undefined] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
