import { FileError, normalise } from '../files/tree.ts'
import { builtins } from './builtins.ts'
import type { Completion } from './editor.ts'
import type { Frame } from './frame.ts'
import { contextFor } from './programs.ts'
import { environment, scalar } from './state.ts'
import { noInput, noOutput } from './streams.ts'

/** Words of the command before the cursor, and the one being typed, with simple quotes taken off. */
const splitLine = (text: string): { readonly words: readonly string[]; readonly prefix: string; readonly start: number } => {
  const words: string[] = []
  let word = ''
  let start = 0
  let quote = ''
  let begun = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (quote) {
      if (c === quote) quote = ''
      else word += c
    } else if (c === "'" || c === '"') {
      if (!begun) start = i
      begun = true
      quote = c
    } else if (c === '\\' && i + 1 < text.length) {
      if (!begun) start = i
      begun = true
      word += text[++i]
    } else if (c === ' ' || c === '\t') {
      if (begun) words.push(word)
      word = ''
      begun = false
      start = i + 1
    } else if (';|&('.includes(c)) {
      words.length = 0
      word = ''
      begun = false
      start = i + 1
    } else if (c === '>' || c === '<') {
      word = ''
      begun = false
      start = i + 1
    } else {
      if (!begun) start = i
      begun = true
      word += c
    }
  }
  return { words, prefix: begun ? word : '', start: begun ? start : text.length }
}

const PREFIXES = new Set(['sudo', 'time', 'watch', 'env', 'exec', 'command', 'nohup', 'xargs'])

export const completeLine = async (frame: Frame, line: string, cursor: number): Promise<Completion | undefined> => {
  const { words: all, prefix, start } = splitLine(line.slice(0, cursor))
  let words = all.filter((word, i) => !(i === words0(all) && /^\w+=/.test(word)))
  while (words.length > 0 && PREFIXES.has(words[0]!)) words = words.slice(1).filter((word, i) => i > 0 || !word.startsWith('-'))
  if (words.length === 0 && !prefix.includes('/')) {
    const names = new Set([...Object.keys(builtins).filter(name => /^\w/.test(name)), ...frame.state.functions.keys(), ...frame.state.aliases.keys()])
    for (const directory of (environment(frame.state)['PATH'] ?? '').split(':')) {
      try {
        for (const name of frame.files.readdir(directory)) names.add(name)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
      }
    }
    return { start, candidates: [...names].filter(name => name.startsWith(prefix)).toSorted(), suffix: ' ' }
  }
  if (prefix.startsWith('$'))
    return {
      start,
      candidates: [...frame.state.variables.keys()]
        .map(name => `$${name}`)
        .filter(name => name.startsWith(prefix))
        .toSorted(),
      suffix: ' ',
    }
  const alias = frame.state.aliases.get(words[0] ?? '')
  if (alias) words = [...alias.split(/\s+/), ...words.slice(1)]
  if (words[0] === 'k3s' && words.length > 1) words = words.slice(1)
  const command = frame.host.machine.programs.find(candidate => candidate.name === words[0] || candidate.aliases?.includes(words[0] ?? ''))
  if (command?.complete) {
    const context = contextFor(frame.host, {
      user: frame.user,
      env: environment(frame.state),
      cwd: frame.state.cwd,
      stdin: noInput,
      stdout: noOutput,
      stderr: noOutput,
      signal: frame.signal,
    })
    const candidates = await command.complete({ words, prefix, context }).catch(() => undefined)
    if (candidates)
      return {
        start,
        candidates: [...new Set(candidates)].filter(candidate => candidate.startsWith(prefix)).toSorted(),
        suffix: candidates.length === 1 && /[=/]$/.test(candidates[0]!) ? '' : ' ',
      }
  }
  return completeFiles(frame, prefix, start, words[0])
}

const words0 = (all: readonly string[]) => all.findIndex(word => !/^\w+=/.test(word)) - 1

const completeFiles = (frame: Frame, prefix: string, start: number, command: string | undefined): Completion | undefined => {
  const slash = prefix.lastIndexOf('/')
  const directory = prefix.slice(0, slash + 1)
  const beginning = prefix.slice(slash + 1)
  const home = scalar(frame.state.variables.get('HOME')) ?? '/'
  const real = normalise(frame.state.cwd, directory.startsWith('~/') ? `${home}/${directory.slice(2)}` : directory || '.')
  try {
    const found = frame.files.readdir(real).filter(name => name.startsWith(beginning) && (beginning.startsWith('.') || !name.startsWith('.')))
    const isDirectory = (name: string) => frame.files.exists(`${real}/${name}`) && frame.files.stat(`${real}/${name}`).kind === 'directory'
    const names = command === 'cd' || command === 'rmdir' ? found.filter(isDirectory) : found
    const escape = (text: string) => text.replace(/[\s'"$&()*;<>?[\]`|\\!]/g, '\\$&')
    const single = names.length === 1 && isDirectory(names[0]!)
    return {
      start,
      candidates: names.map(name => `${directory}${escape(name)}${single ? '/' : ''}`),
      labels: names.map(name => (isDirectory(name) ? `${name}/` : name)),
      suffix: single ? '' : ' ',
    }
  } catch (error) {
    if (error instanceof FileError) return undefined
    throw error
  }
}
