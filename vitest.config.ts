import { defineConfig } from 'vitest/config'

/** Unit tests stand beside their source; what needs real programs or a browser stands under test/. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['{main,shared,renderer,scripts}/**/*.test.{ts,tsx}'], testTimeout: 30_000 } },
      // Real servers and clients share two cores: one file after another keeps their waits honest.
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } },
    ],
  },
})
