/** `npm run dev`: runs from source and starts again on every change; the renderer is rebuilt beside it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const { generateSchemas } = await import('./schemas/generate.ts')
await generateSchemas()

const children = [
  [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--watch', '--config', 'renderer/vite.config.ts'],
  ['--watch-path=main', '--watch-path=shared', 'main/cli/k3lab.ts', 'start', '--host', 'browser', ...process.argv.slice(2)],
].map(args => spawn(process.execPath, args, { cwd: root, stdio: 'inherit' }))

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    for (const child of children) child.kill(signal)
  })
