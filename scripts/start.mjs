// `npm start`: builds what is out of date, fetches Electron's program where a window can be shown, then runs the
// command-line entry in this very process.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = spawnSync(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root, stdio: ['ignore', 2, 2] })
if (built.status !== 0) {
  process.stderr.write('k3lab: the build failed (its messages are above)\n')
  process.exit(1)
}
// Electron's package no longer brings its program; without network, or in a browser by choice, none is needed.
const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
const inBrowser = process.argv.some((word, index) => word === '--host=browser' || (word === '--host' && process.argv[index + 1] === 'browser'))
if (hasDisplay && !inBrowser && !existsSync(join(root, 'node_modules/electron/path.txt'))) {
  process.stderr.write('k3lab: fetching Electron …\n')
  spawnSync(process.execPath, [join(root, 'node_modules/electron/install.js')], { cwd: root, stdio: ['ignore', 2, 2], timeout: 300_000 })
}
process.argv.splice(2, 0, 'start')
await import('../bin/k3lab.mjs')
