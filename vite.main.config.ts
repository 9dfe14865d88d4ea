import { join } from 'node:path'
import { builtinModules } from 'node:module'
import type { InlineConfig } from 'vite'

const root = import.meta.dirname

/**
 * Packages that stay outside the bundle: Electron is not a package at run time, just-bash loads its own parts on
 * demand and is only wanted once somebody logs in, and ssh2 looks for optional native parts beside itself.
 */
const external = ['electron', 'just-bash', 'ssh2', 'systeminformation', ...builtinModules, /^node:/]

/** The main process and the simulation's worker, as modules that share their chunks. */
export const mainConfig: InlineConfig = {
  configFile: false,
  root,
  logLevel: 'warn',
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: true,
    target: 'node22',
    outDir: 'dist/main',
    emptyOutDir: true,
    minify: true,
    sourcemap: false,
    rolldownOptions: {
      external,
      input: { k3lab: 'main/cli/k3lab.ts', electron: 'main/electron/main.ts', 'sim-worker': 'main/services/homelabs/worker.ts' },
      output: { format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
}

/** A sandboxed preload is one file and has no module loader (Electron: docs/tutorial/sandbox.md). */
export const preloadConfig: InlineConfig = {
  configFile: false,
  root,
  logLevel: 'warn',
  build: {
    target: 'chrome140',
    outDir: 'dist/preload',
    emptyOutDir: true,
    minify: true,
    lib: { entry: join(root, 'main/electron/preload.ts'), formats: ['cjs'], fileName: () => 'preload.cjs' },
    rolldownOptions: { external: ['electron'] },
  },
}
