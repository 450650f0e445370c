// How the tests run: three files at a time, since most of them wait for servers.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/*.test.ts'], setupFiles: 'test/support/randomness.ts',
    testTimeout: 30_000, hookTimeout: 30_000, maxWorkers: 3, minWorkers: 1, pool: 'threads',
  },
})
