import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Both hosts serve `dist/renderer` under a Content-Security-Policy without inline scripts, so nothing may be inlined. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    target: 'chrome140',
    outDir: '../dist/renderer',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
})
