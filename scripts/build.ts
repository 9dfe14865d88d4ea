/** Builds what is out of date: generated schemas, the renderer, and the main process (`dist/`). `--force` builds all. */
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const force = process.argv.includes('--force')

/** Newest modification time of a file or of everything below a folder, in milliseconds; 0 when there is none. */
const newest = (path: string): number => {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(
    0,
    ...readdirSync(path)
      .filter(name => !name.includes('.test.'))
      .map(name => newest(join(path, name))),
  )
}

/** Builds a target unless its stamp is newer than all of its sources. */
const target = async (name: string, sources: readonly string[], build: () => Promise<void>): Promise<void> => {
  const stamp = join(root, 'dist', `.${name}`)
  const wanted = Math.max(...sources.map(source => newest(join(root, source))))
  if (!force && existsSync(stamp) && statSync(stamp).mtimeMs >= wanted) return
  process.stderr.write(`k3lab: building ${name} …\n`)
  rmSync(stamp, { force: true })
  const startedAt = new Date()
  await build()
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(stamp, '')
  // Anything saved while it was being built counts as newer than the build.
  utimesSync(stamp, startedAt, startedAt)
}

const common = ['package-lock.json', 'shared', 'scripts/build.ts']

const { generateSchemas } = await import('./schemas/generate.ts')
await generateSchemas()
await target('renderer', [...common, 'renderer'], async () => {
  const { build } = await import('vite')
  await build({ configFile: join(root, 'renderer/vite.config.ts'), logLevel: 'warn' })
})
await target('main', [...common, 'main', 'vite.main.config.ts'], async () => {
  const { build } = await import('vite')
  const { mainConfig, preloadConfig } = await import('../vite.main.config.ts')
  await build(mainConfig)
  await build(preloadConfig)
})
