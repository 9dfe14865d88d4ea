/**
 * Who may import whom: the map is the architecture (docs/architecture.md), and the parser finds every import in it,
 * types included. The first row whose folder holds a file is that file's row.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { builtinModules } from 'node:module'
import { parseSync } from 'oxc-parser'

const root = join(import.meta.dirname, '..')

interface Layer {
  readonly folder: string
  /** Own folders or files it may import from, besides itself. */
  readonly may: readonly string[]
  readonly node: boolean
  readonly why: string
}

export const layers: readonly Layer[] = [
  { folder: 'shared', may: [], node: false, why: 'shared is used on both sides and knows neither' },
  { folder: 'renderer', may: ['shared'], node: false, why: 'the renderer has no Node and knows the main process by its contract only' },
  { folder: 'main/sim', may: ['shared'], node: true, why: 'the simulation offers two protocols and knows nobody who uses them' },
  { folder: 'main/kube', may: ['shared', 'main/log'], node: true, why: 'the Kubernetes client side serves simulated and real clusters alike' },
  { folder: 'main/ssh', may: ['shared', 'main/log'], node: true, why: 'the SSH client side serves simulated and real machines alike' },
  { folder: 'main/log', may: ['shared'], node: true, why: 'everything logs, so logging knows nothing' },
  {
    folder: 'main/services',
    may: ['shared', 'main/kube', 'main/ssh', 'main/log', 'main/sim/index.ts'],
    node: true,
    why: 'services do not know who hosts them, and know the simulation by its one face',
  },
  { folder: 'main/project-root.ts', may: [], node: true, why: 'where the program lies depends on nothing' },
  { folder: 'main/page', may: ['shared'], node: true, why: 'the built page and its headers are the same for both hosts' },
  {
    folder: 'main/launch.ts',
    may: ['shared', 'main/services', 'main/log', 'main/project-root.ts'],
    node: true,
    why: 'both hosts start the services in one way',
  },
  {
    folder: 'main/browser-host',
    may: ['shared', 'main/services', 'main/log', 'main/page', 'main/launch.ts'],
    node: true,
    why: 'a host hands the services to a renderer and does nothing else',
  },
  {
    folder: 'main/electron',
    may: ['shared', 'main/services', 'main/log', 'main/page', 'main/launch.ts'],
    node: true,
    why: 'a host hands the services to a renderer and does nothing else',
  },
  {
    folder: 'main/cli',
    may: ['shared', 'main/services', 'main/kube', 'main/browser-host', 'main/electron', 'main/log', 'main/launch.ts', 'main/project-root.ts'],
    node: true,
    why: 'the command line starts a host over the same services',
  },
]

const inside = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`)
const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path)
const isBuiltin = (specifier: string): boolean => specifier.startsWith('node:') || builtinModules.includes(specifier)

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

/** Every static, re-exporting and literal dynamic import of a source text. */
export const importsOf = (path: string, source: string): Import[] => {
  const { module } = parseSync(path, source)
  const text = (value: string) => value.slice(1, -1)
  return [
    ...module.staticImports.map(found => ({
      specifier: found.moduleRequest.value,
      typeOnly: found.entries.length > 0 && found.entries.every(entry => entry.isType),
    })),
    ...module.staticExports.flatMap(found =>
      found.entries.filter(entry => entry.moduleRequest).map(entry => ({ specifier: entry.moduleRequest!.value, typeOnly: entry.isType })),
    ),
    ...module.dynamicImports
      .map(found => source.slice(found.moduleRequest.start, found.moduleRequest.end))
      .filter(literal => /^(['"]).*\1$/.test(literal))
      .map(literal => ({ specifier: text(literal), typeOnly: true })),
  ]
}

/** What is wrong with one import, or undefined. `target` is the imported file for relative imports. */
export const judge = (path: string, specifier: string, target: string | undefined): string | undefined => {
  const layer = layers.find(row => inside(path, row.folder))
  if (!layer) return `${path}: stands in no layer; allowed are ${layers.map(row => row.folder).join(', ')}`
  if (target === undefined) {
    if (/^electron(\/|$)/.test(specifier) && layer.folder !== 'main/electron') return `${path}: imports electron; only main/electron may`
    if (isBuiltin(specifier) && !layer.node) return `${path}: imports ${specifier}; ${layer.why}`
    return undefined
  }
  if (inside(target, layer.folder) || layer.may.some(place => inside(target, place))) return undefined
  return `${path}: imports ${target}; ${layer.why} (allowed: ${[layer.folder, ...layer.may].join(', ')})`
}

/** One cycle of imports at run time, as a path of files, or undefined. */
const findCycle = (graph: ReadonlyMap<string, readonly string[]>): string[] | undefined => {
  const done = new Set<string>()
  const visit = (file: string, trail: readonly string[]): string[] | undefined => {
    const at = trail.indexOf(file)
    if (at >= 0) return [...trail.slice(at), file]
    if (done.has(file)) return undefined
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...trail, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
  return undefined
}

/** All violations in the tree, each with the rule it breaks. */
export const checkLayers = (): string[] => {
  const problems: string[] = []
  const graph = new Map<string, string[]>()
  for (const top of ['shared', 'renderer', 'main'])
    for (const entry of readdirSync(join(root, top), { recursive: true, withFileTypes: true })) {
      const path = relative(root, join(entry.parentPath, entry.name))
      if (!entry.isFile() || !/\.tsx?$/.test(path) || isTest(path) || path.endsWith('vite.config.ts')) continue
      const edges: string[] = []
      for (const { specifier, typeOnly } of importsOf(path, readFileSync(join(root, path), 'utf8'))) {
        const target = specifier.startsWith('.') ? relative(root, join(root, dirname(path), specifier)) : undefined
        const problem = judge(path, specifier, target)
        if (problem) problems.push(problem)
        if (target && !typeOnly) edges.push(target)
      }
      graph.set(path, edges)
    }
  const cycle = findCycle(graph)
  if (cycle) problems.push(`a cycle of imports: ${cycle.join(' → ')}`)
  return problems
}
