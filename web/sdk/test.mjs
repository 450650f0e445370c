// Everything that must hold of the SDK: types, size, its tests against the server that PARLEYD names, and the package as npm would have it.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const SKIPPED = 77
const here = fileURLToPath(new URL('.', import.meta.url))

/** The exit status of a script. */
function run(...script) {
  const child = spawn(process.execPath, script, { cwd: here, stdio: 'inherit' })
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}

if (Number(process.versions.node.split('.')[0]) < 18) {
  console.log(`skipped: needs Node 18, this is ${process.versions.node}`)
  process.exit(SKIPPED)
}

// The tests wait for servers most of the time: the types are looked at meanwhile.
const types = run(fileURLToPath(import.meta.resolve('typescript/bin/tsc')), '--noEmit')
const status = await run('build.mjs', '--no-types')
  || await run('size.mjs')
  || await run('node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2))
  || await run('pack.mjs')
process.exit(status || await types)
