import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project-root.ts'
import type { StartOptions } from './start.ts'

/** Runs Electron with these options and ends as it ends. */
export const startElectron = (program: string, { dataDir, homelab, seed, json }: StartOptions): void => {
  const entry = join(projectRoot(), 'dist', 'main', 'electron.js')
  if (!existsSync(entry)) {
    process.stderr.write('k3lab: it is not built yet. Run `npm run build` first.\n')
    process.exit(1)
  }
  const child = spawn(program, [entry, `--k3lab=${JSON.stringify({ dataDir, homelab, seed, json })}`], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both; whoever signals this process alone means the app.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void child.kill(signal))
  child.on('error', error => {
    process.stderr.write(`k3lab: Electron could not be started: ${error.message}. Use --host browser instead.\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 0)))
}
