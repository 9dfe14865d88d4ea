/** Runs `scale-run.ts` as the product runs the simulation: bundled, and in a worker thread with that one's limits. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'vite'
import { SIM_LIMITS } from '../../main/services/homelabs/limits.ts'
import { mainConfig } from '../../vite.main.config.ts'

const outDir = join(mainConfig.root!, 'dist/bench')
await build({
  ...mainConfig,
  build: {
    ...mainConfig.build,
    outDir,
    rolldownOptions: { ...mainConfig.build!.rolldownOptions, input: { scale: join(import.meta.dirname, 'scale-run.ts') } },
  },
})
const start = `new (require('node:worker_threads').Worker)(${JSON.stringify(join(outDir, 'scale.js'))}, { argv: process.argv.slice(1), resourceLimits: ${JSON.stringify(SIM_LIMITS)} })`
const { status } = spawnSync(process.execPath, ['--expose-gc', '--eval', start, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(status ?? 1)
