// What the browser has to load: fails when it is more than 20 KB, gzipped.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const MOST = 20_000

const file = readFileSync(new URL('dist/parley.js', import.meta.url))
const gzipped = gzipSync(file, { level: 9 }).length
console.log(`parley.js: ${file.length} bytes, ${gzipped} gzipped, of at most ${MOST}`)
if (gzipped > MOST) process.exitCode = 1
