// Builds dist/: one minified file for browsers, one for Node, and the types.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const common = { absWorkingDir: here, bundle: true, minify: true, format: 'esm', target: 'es2022', sourcemap: true }

rmSync(new URL('dist', import.meta.url), { recursive: true, force: true })
await build({ ...common, entryPoints: ['src/index.ts'], outfile: 'dist/parley.js' })
await build({ ...common, entryPoints: ['src/node.ts'], outfile: 'dist/parley.node.js', external: ['ws', 'node:crypto'] })
if (!process.argv.includes('--no-types')) {
  const compiler = fileURLToPath(import.meta.resolve('typescript/bin/tsc'))
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', 'src', '--outDir', 'dist/types']
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', ...options], { cwd: here, stdio: 'inherit' })
}
