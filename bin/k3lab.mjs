#!/usr/bin/env node
// Thin on purpose: it must run on any Node to say which one is needed.
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`k3lab: Node.js 22.18 or newer is needed; this is ${process.versions.node}. See https://nodejs.org/en/download\n`)
  process.exit(1)
}
const entry = new URL('../dist/main/k3lab.js', import.meta.url)
if (!existsSync(entry)) {
  process.stderr.write('k3lab: it is not built yet. Run `npm start`, or `npm run build` first.\n')
  process.exit(1)
}
await import(entry)
