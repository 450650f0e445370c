// Everything that must hold of the page: types, the build, its size, and two people who use it in a real browser.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SKIPPED = 77
const here = fileURLToPath(new URL('.', import.meta.url))
const browser = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** The exit status of a program. */
function run(...words) {
  const child = spawn(process.execPath, words, { cwd: here, stdio: 'inherit', env: { ...process.env, CHROMIUM: browser } })
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.log(`skipped: needs Node 20, this is ${process.versions.node}`)
  process.exit(SKIPPED)
}
if (!existsSync(browser)) {
  console.log(`skipped: there is no ${browser}; CHROMIUM names another one`)
  process.exit(SKIPPED)
}

const types = run('node_modules/typescript/bin/tsc', '--noEmit')
const status = await run('node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn')
  || await run('test/size.mjs')
  || await run('--test', '--test-reporter=dot', 'test/model.test.mjs')
  || await run('test/journey.mjs', ...process.argv.slice(2))
process.exit(status || await types)
