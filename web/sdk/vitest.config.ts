// How the tests run: two files at a time, since some start servers.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000, maxWorkers: 2, minWorkers: 1, pool: 'threads' },
})
