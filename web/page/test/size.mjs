// What a browser loads before anybody has signed in or done anything: fails when it is more than 150 KB, gzipped.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const MOST = 150_000
const dist = new URL('../dist/', import.meta.url)

/** The document, and all scripts and styles that it names. */
function firstLoad(document) {
  const html = readFileSync(new URL(document, dist), 'utf8')
  const names = [...html.matchAll(/(?:src|href)="\/messages\/(assets\/[^"]+)"/g)].map((match) => match[1])
  return [document, ...new Set(names)]
}

for (const document of ['index.html', 'admin.html']) {
  const files = firstLoad(document)
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length, 0)
  console.log(`${document}: ${files.length} files, ${bytes} bytes gzipped, of at most ${MOST}`)
  if (bytes > MOST) process.exitCode = 1
}
