// Builds dist/: two documents, their scripts with digests in their names, and each file compressed beside itself.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const SERVER = process.env.PARLEY_URL ?? 'http://127.0.0.1:8080'
const WORTH_IT = 0.95

/** Puts `x.js.gz` beside `x.js`, so that the server compresses nothing while it serves. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      for (const entry of readdirSync(here('dist'), { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue
        const path = join(entry.parentPath, entry.name)
        const bytes = readFileSync(path)
        const small = gzipSync(bytes, { level: 9 })
        if (small.length < bytes.length * WORTH_IT) writeFileSync(`${path}.gz`, small)
      }
    },
  }
}

export default defineConfig({
  base: '/messages/',
  plugins: [react(), compressed()],
  resolve: { alias: { '@parley/sdk': here('../sdk/src/index.ts') } },
  build: {
    target: 'es2022',
    // The policy allows no data: addresses, and no script that is not a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { index: here('index.html'), admin: here('admin.html') } },
  },
  server: {
    proxy: {
      '/v1': { target: SERVER, ws: true },
      '/messages/settings': SERVER,
      '/messages/token': SERVER,
    },
  },
})
