// The package as it is built, and whether it has all that the protocol has.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { KEYED } from '../src/commands.js'
import { NUMBERED } from '../src/events.js'
import { Server } from './support/server.js'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

/** Words in backquotes. */
const quoted = (text: string) => [...text.matchAll(/`([a-z_]+)`/g)].map((match) => match[1]!)

/** First cells of the tables below a heading row that begins like this. */
function firstCells(text: string, heading: RegExp): string[] {
  const cells: string[] = []
  let within = false
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) within = false
    else if (heading.test(line)) within = true
    else if (within && !line.startsWith('|---')) cells.push(firstCell(line))
  }
  return cells
}

/** What stands in the first cell beside the maps. */
function firstCell(line: string): string {
  const cell = line.split(/(?<!\\)\|/)[1]!
  return cell.replace(/\{[^{}]*\}/g, '').replace(/\{[^{}]*\}/g, '')
}

/** Keys of an interface, by its source. */
function keysOf(source: string, name: string): string[] {
  const body = source.split(`export interface ${name} {`)[1]!.split('\n}')[0]!
  return [...body.matchAll(/^ {2}([a-z_]+): /gm)].map((match) => match[1]!)
}

describe('the protocol', () => {
  const protocol = read('../../../docs/protocol.md')
  const words = (cells: string[]) => new Set(cells.flatMap((cell) => quoted(cell)))

  test('has no command that is not typed here', () => {
    const commands = words(firstCells(protocol, /^\| Command/))
    expect(commands.size).toBeGreaterThan(60)
    const own = ['hello', 'refresh'] // said by the connection itself
    expect([...commands].filter((each) => !own.includes(each)).sort()).toEqual(keysOf(read('../src/commands.ts'), 'Commands').sort())
  })

  test('has no event that is not typed here', () => {
    const typed = keysOf(read('../src/events.ts'), 'Events')
    const own = ['gap', 'checkpoint', 'bye'] // dealt with inside
    const events = [...words(firstCells(protocol, /^\| Event/))].filter((each) => !own.includes(each))
    expect(events.length).toBeGreaterThan(20)
    expect(events.filter((each) => !typed.includes(each))).toEqual([])
  })

  test('lets every command that is given a client_id have one', () => {
    const rows = protocol.split('\n').filter((line) => line.startsWith('|') && line.includes('client_id`'))
    const keyed = new Set(rows.flatMap((line) => quoted(firstCell(line))))
    expect([...KEYED].filter((each) => !keyed.has(each))).toEqual([])
    expect([...keyed].filter((each) => !KEYED.has(each)).sort()).toEqual(['conflict', 'delivered', 'message', 'read'])
  })

  test('says which events have a number', () => {
    for (const name of NUMBERED) expect(protocol).toMatch(new RegExp(`^\\| \`${name}\` \\| \`conversation\`, \`seq\``, 'm'))
  })
})

describe('what is built', () => {
  test('makes no code from strings, and nothing in it says so', () => {
    for (const file of ['parley.js', 'parley.node.js']) {
      expect(read(`../dist/${file}`)).not.toMatch(/\beval\b|new Function|innerHTML|document\.write/)
    }
    expect(read('../dist/parley.js')).not.toMatch(/\bfrom ?"|\bimport\b/)
  })

  test('talks from Node through ws, with code from strings switched off', async () => {
    const server = await Server.start()
    try {
      const script = fileURLToPath(new URL('support/strict.mjs', import.meta.url))
      const args = ['--disallow-code-generation-from-strings', script, server.url, await server.token('strict')]
      const { stdout } = await promisify(execFile)(process.execPath, args)
      expect(stdout).toContain('talked')
    } finally {
      await server.clean()
    }
  })
})
