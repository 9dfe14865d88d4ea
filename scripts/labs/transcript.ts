/** The transcripts in `truth/`: what a student types and does, step by step, independent of language. */

export type Action =
  | { readonly do: 'type'; readonly machine: string; readonly lines: readonly string[] }
  | { readonly do: 'answer'; readonly field: string; readonly value: string; readonly how: Convert }
  | { readonly do: 'power'; readonly machine: string; readonly power: 'on' | 'off' }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'await'; readonly reason: string }
  /** Run after a wrong turn, for what the lab's reset does not know of. */
  | { readonly do: 'undo'; readonly command: string }

/** How the text of an answer becomes the answer: as it is, a sum of quantities in a unit, or lines of `row option`. */
export type Convert = { readonly as: 'text' } | { readonly as: 'sum'; readonly unit: string } | { readonly as: 'table' }

export interface Part {
  readonly step: string
  readonly actions: readonly Action[]
}

/**
 * Reads a `.cmds` file: parts begin with `## <step>`; lines are `$ command` (on the server, or `mini-2$ command`),
 * `| continued line`, `answer field = [sum|sum/Gi|table] text or $(command)`, `power on|off machine`, `wait 25s`,
 * `await event Reason`, `undo command`; `#` begins a comment. Throws on anything else.
 */
export const readTranscript = (text: string, server: string): readonly Part[] => {
  const parts: { step: string; actions: Action[] }[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '' || /^#( |$)/.test(line)) continue
    const step = /^## (\S+)$/.exec(line)?.[1]
    if (step) {
      parts.push({ step, actions: [] })
      continue
    }
    const actions = parts.at(-1)?.actions
    if (!actions) throw new Error(`before the first "## <step>": ${line}`)
    const last = actions.at(-1)
    const more = /^\| ?(.*)$/.exec(line)
    if (more && last?.do === 'type') actions[actions.length - 1] = { ...last, lines: [...last.lines, more[1]!] }
    else actions.push(readAction(line, server))
  }
  return parts
}

const readAction = (line: string, server: string): Action => {
  const typed = /^([a-z0-9-]*)\$ (.+)$/.exec(line)
  if (typed) return { do: 'type', machine: typed[1] || server, lines: [typed[2]!] }
  const answer = /^answer ([a-z0-9-]+) = (?:(sum(?:\/([A-Za-z]+))?|table) )?(.+)$/.exec(line)
  if (answer) {
    const [, field, how, unit, value] = answer
    return { do: 'answer', field: field!, value: value!, how: how === 'table' ? { as: 'table' } : how ? { as: 'sum', unit: unit ?? '' } : { as: 'text' } }
  }
  const power = /^power (on|off) (\S+)$/.exec(line)
  if (power) return { do: 'power', power: power[1] as 'on' | 'off', machine: power[2]! }
  const wait = /^wait (\d+)s$/.exec(line)
  if (wait) return { do: 'wait', seconds: Number(wait[1]) }
  const awaited = /^await event (\S+)$/.exec(line)
  if (awaited) return { do: 'await', reason: awaited[1]! }
  const undo = /^undo (.+)$/.exec(line)
  if (undo) return { do: 'undo', command: undo[1]! }
  throw new Error(`not understood: ${line}`)
}
