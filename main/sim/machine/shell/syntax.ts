import type * as JustBashModule from 'just-bash'
import type { PipelineNode, ScriptNode, SimpleCommandNode, StatementNode, WordNode } from 'just-bash'

/** Names for what just-bash's parser makes of a script; it exports only the outermost. */
export type Script = ScriptNode
export type Statement = StatementNode
export type Pipeline = PipelineNode
export type SimpleCommand = SimpleCommandNode
export type Word = WordNode
export type Command = Pipeline['commands'][number]
export type FunctionDefinition = Extract<Command, { type: 'FunctionDef' }>
export type CompoundCommand = Exclude<Command, SimpleCommand | FunctionDefinition>
export type Redirection = SimpleCommand['redirections'][number]
export type Assignment = SimpleCommand['assignments'][number]
export type WordPart = Word['parts'][number]
export type ParameterExpansion = Extract<WordPart, { type: 'ParameterExpansion' }>
export type Arithmetic = Extract<CompoundCommand, { type: 'ArithmeticCommand' }>['expression']
export type ArithmeticNode = Arithmetic['expression']
export type Condition = Extract<CompoundCommand, { type: 'ConditionalCommand' }>['expression']

type JustBash = typeof JustBashModule
let loading: Promise<JustBash> | undefined
let loaded: JustBash | undefined

/** just-bash is big: it is loaded when the first shell starts. */
export const justBash = (): Promise<JustBash> => (loading ??= import('just-bash').then(module => (loaded = module)))

/** A script's syntax tree, or what bash would say about it. `incomplete` means more lines may complete it. */
export const parseScript = (text: string): { readonly script: Script } | { readonly error: string; readonly incomplete: boolean } => {
  try {
    const script = loaded!.parse(text)
    if (isOpen(script)) return { error: 'syntax error: unexpected end of file', incomplete: true }
    return { script }
  } catch (error) {
    const message = (error as Error).message.replace(/^Parse error at \d+:\d+: /, '').replace(/^line \d+: /, '')
    const incomplete = /EOF|end of file/.test(message) || /(^|[\s;])(do|then|else|\{|\(|in)\s*$/.test(text)
    return {
      error: /syntax error|unexpected EOF/.test(message) ? message : incomplete ? 'syntax error: unexpected end of file' : `syntax error: ${message}`,
      incomplete,
    }
  }
}

/** A here-document without its end, or a pipe or list without its right side. */
const isOpen = (script: Script): boolean => {
  const last = script.statements.at(-1)
  if (!last) return false
  for (const pipeline of last.pipelines) {
    for (const command of pipeline.commands) {
      if (
        'redirections' in command &&
        command.redirections.some(redirection => redirection.target.type === 'HereDoc' && redirection.target.terminated === false)
      )
        return true
    }
  }
  if (last.deferredError) return false
  const pipeline = last.pipelines.at(-1)
  const command = pipeline?.commands.at(-1)
  const continues = last.pipelines.length > 1 || (pipeline?.commands.length ?? 0) > 1
  return continues && command?.type === 'SimpleCommand' && command.name === null && command.assignments.length === 0 && command.redirections.length === 0
}
