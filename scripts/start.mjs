// `npm start`: builds what is out of date, then runs the command-line entry in this very process.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = spawnSync(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root, stdio: ['ignore', 2, 2] })
if (built.status !== 0) {
  process.stderr.write('k3lab: the build failed (its messages are above)\n')
  process.exit(1)
}
process.argv.splice(2, 0, 'start')
await import('../bin/k3lab.mjs')
