// Packs what would be published, installs it elsewhere, and uses it by its name: in Node, and from TypeScript as Node and as bundlers find it.
import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const compiler = fileURLToPath(import.meta.resolve('typescript/bin/tsc'))
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
const place = mkdtempSync(join(tmpdir(), 'parley-sdk-pack-'))
const said = (program, ...words) => execFileSync(program, words, { cwd: place, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

const USE = `import { connect, type Parley } from '@parley/sdk'
const parley: Parley = await connect({ url: 'wss://chat.example.com', token: () => 'token' })
const { conversation }: { conversation: string } = await parley.call('create', { kind: 'direct', with: 'bob' })
parley.on('message', ({ seq }) => console.log(seq.toFixed()))
// @ts-expect-error there is no such command
void parley.call('shout', { conversation })
`

try {
  const [{ filename, files }] = JSON.parse(said('npm', 'pack', here, '--json', '--silent'))
  const led = JSON.stringify(manifest.exports).match(/(?<="\.\/)[^"]+/g)
  const missing = ['LICENSE', 'README.md', ...led].filter((each) => !files.some(({ path }) => path === each))
  assert.deepEqual(missing, [], 'the package has what it should')
  writeFileSync(join(place, 'package.json'), '{"type": "module"}')
  said('npm', 'install', '--offline', '--no-audit', '--no-fund', '--silent', `./${filename}`)

  const installed = join(place, 'node_modules/@parley/sdk')
  const readme = readFileSync(join(installed, 'README.md'), 'utf8')
  const dead = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link).filter((link) => !link.startsWith('https://') && !existsSync(join(installed, link)))
  assert.deepEqual(dead, [], 'its README leads nowhere that is not there')
  assert.equal(readFileSync(join(installed, 'LICENSE'), 'utf8'), readFileSync(join(here, '../../LICENSE'), 'utf8'))

  writeFileSync(join(place, 'use.mjs'), "import { connect } from '@parley/sdk'\nconsole.log(typeof connect, import.meta.resolve('@parley/sdk'))\n")
  assert.match(said(process.execPath, 'use.mjs'), /^function .*\/dist\/parley\.node\.js\n$/)
  writeFileSync(join(place, 'use.ts'), USE)
  for (const [module, resolution] of [['NodeNext', 'NodeNext'], ['ESNext', 'Bundler']]) {
    said(process.execPath, compiler, '--noEmit', '--strict', '--target', 'ES2022', '--lib', 'ES2023,DOM,DOM.Iterable',
      '--module', module, '--moduleResolution', resolution, 'use.ts')
  }
  console.log(`${filename}: ${files.length} files, used by its name`)
} finally {
  rmSync(place, { recursive: true })
}
