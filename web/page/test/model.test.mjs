// What the page decides without a drawing: texts, rows, places, rights, spans, the part of a conversation in sight, and what charts are of.
import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { after, test } from 'node:test'
import { build } from 'esbuild'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'parley-model-'))
after(() => rm(folder, { recursive: true }))

const names = ['text', 'rows', 'layout', 'rights', 'quiet', 'timeline', 'time']
const contents = [...names.map((name) => `export * from './${name}'`), "export { ratesOf, quantilesOf } from '../admin/statistics'"].join('\n')
await build({
  stdin: { contents, resolveDir: here('../src/model'), loader: 'ts' },
  bundle: true, format: 'esm', platform: 'node', outfile: join(folder, 'model.mjs'), logLevel: 'warning',
  alias: { '@parley/sdk': here('../../sdk/src/index.ts') }, nodePaths: [here('../node_modules')],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
})
const { partsOf, markedOf, nameBegun, mentionedIn, rowsOf, keyNear, Layout, rowAt, may, mayRemove, givable, readSpan, writeSpan, Timeline, MOST, sizeOf, leftUntil, ratesOf, quantilesOf } =
  await import(pathToFileURL(join(folder, 'model.mjs')))

test('addresses and names are parts of what is said, and nothing else is', () => {
  const parts = partsOf('@Bob Ray: see (https://a.example/x_(y)?z=1), <b>no</b> javascript:alert(1) @bobby', new Map([['Bob', false], ['Bob Ray', true]]))
  assert.deepEqual(parts, [
    { kind: 'mention', text: '@Bob Ray', self: true },
    { kind: 'text', text: ': see (' },
    { kind: 'link', text: 'https://a.example/x_(y)?z=1', href: 'https://a.example/x_(y)?z=1' },
    { kind: 'text', text: '), <b>no</b> javascript:alert(1) @bobby' },
  ])
  assert.deepEqual(partsOf('http://', new Map()), [{ kind: 'text', text: 'http://' }])
})

test('marks count characters, not halves of them', () => {
  assert.deepEqual(markedOf('🎉🎉 cake', [[3, 4]]), [{ text: '🎉🎉 ', marked: false }, { text: 'cake', marked: true }])
})

test('a name begins behind an @ at the beginning of a word', () => {
  assert.deepEqual(nameBegun('hello @bo', 9), { from: 6, begun: 'bo' })
  assert.equal(nameBegun('mail@bo', 7), undefined)
  assert.equal(nameBegun('@a\nb', 4), undefined)
  assert.deepEqual(mentionedIn('@bob and @ann, @bob', new Map([['bob', 'b'], ['ann', 'a'], ['an', 'x']])), ['b', 'a'])
})

const said = (seq, from, at, more = {}) => ({ type: 'message', conversation: 'c', seq, from, at, body: `${seq}`, ...more })

test('rows have day lines, a line of what is new, and messages together that belong together', () => {
  const day = Date.parse('2026-11-29T10:00:00')
  const events = [
    said(1, 'a', day), said(2, 'a', day + 1000), { type: 'reaction', conversation: 'c', seq: 3, at: day + 1500, message: 1, user: 'b', emoji: 'x' },
    said(4, 'me', day + 2000), said(5, 'a', day + 86_400_000), said(6, 'a', day + 86_400_001, { thread: 1 }),
  ]
  const kinds = (options) => rowsOf(events, [], { self: 'me', inThread: false, atStart: true, ...options }).map((row) => `${row.kind}${row.follows ? '+' : ''}`)
  assert.deepEqual(kinds({}), ['start', 'day', 'message', 'message+', 'message', 'day', 'message', 'answer'])
  assert.deepEqual(kinds({ newAfter: 2 }), ['start', 'day', 'message', 'message+', 'message', 'day', 'new', 'message', 'answer'])
  const rows = rowsOf(events, [], { self: 'me', inThread: false, atStart: false })
  assert.equal(keyNear(rows, 3), 'event 4')
  assert.equal(keyNear(rows, 99), 'event 6')
})

test('rows stand where their heights put them, measured or guessed', () => {
  const layout = new Layout()
  assert(layout.measured('b', 50))
  assert(!layout.measured('b', 50.2))
  const offsets = layout.offsets([{ key: 'a', guess: 10 }, { key: 'b', guess: 10 }, { key: 'c', guess: 10 }])
  assert.deepEqual([...offsets], [0, 10, 60, 70])
  assert.deepEqual([-5, 0, 9, 10, 59, 60, 500].map((place) => rowAt(offsets, place)), [0, 0, 0, 1, 1, 2, 2])
})

test('rights are those of the protocol', () => {
  const item = (role, more = {}) => ({ kind: 'group', role, ...more })
  assert(may('post', item('member')))
  assert(!may('post', item('reader')))
  assert(!may('post', item('member', { kind: 'channel' })))
  assert(!may('post', item('member', { frozen: true })))
  assert(may('post', item('admin', { frozen: true })))
  assert(may('pin', item('reader', { permissions: { pin: 'reader' } })))
  assert(!may('edit', item('member', { permissions: { post: 'admin' } })))
  assert(!may('delete_any', item('owner', { kind: 'direct' })))
  assert(mayRemove(item('admin'), 'member') && !mayRemove(item('admin'), 'admin') && mayRemove(item('owner'), 'owner'))
  assert.deepEqual(givable(item('admin'), 'member'), ['member', 'reader'])
  assert.deepEqual(givable(item('admin'), 'owner'), [])
})

test('spans of quiet are read as they are written', () => {
  assert.deepEqual(readSpan('mon-fri 22:00-07:00'), { days: 'mon-fri', from: '22:00', to: '07:00' })
  assert.equal(readSpan('whenever'), undefined)
  assert.equal(writeSpan({ days: 'daily', from: '13:00', to: '00:00' }), 'daily 13:00-24:00')
  assert.equal(sizeOf(1_400_000), '1.4 MB')
  for (const [ms, said] of [[-5, '0 s'], [7_500, '8 s'], [90_000, '2 min'], [5_400_000, '2 h'], [172_800_000, '2 d']]) {
    assert.equal(leftUntil(Date.now() + ms), said)
  }
})

/** A conversation of so many messages, as the SDK would tell of it. */
function talk(count) {
  const listeners = {}
  const events = Array.from({ length: count }, (_, i) => said(i + 1, 'a', i))
  const page = (found, more) => ({ conversation: 'c', events: found, first: found[0]?.seq ?? 0, last: found.at(-1)?.seq ?? 0, more, cached: true })
  return {
    events, asked: [],
    tell(name, event) { for (const each of listeners[name] ?? []) each(event) },
    outbox: () => [],
    on(name, listener) {
      (listeners[name] ??= []).push(listener)
      return () => {}
    },
    async history(_, { before, after, around, limit }) {
      this.asked.push({ before, after, around })
      if (after !== undefined) {
        const behind = events.filter((each) => each.seq > after)
        return page(behind.slice(0, limit), behind.length > limit)
      }
      const end = around === undefined ? before ?? Infinity : around + limit / 2
      const found = events.filter((each) => each.seq < end)
      return page(found.slice(-limit), found.length > limit || around !== undefined)
    },
  }
}

test('a timeline begins at the end or around a number, and holds no more than it may', async () => {
  const parley = talk(2000)
  const timeline = new Timeline(parley, 'c')
  await timeline.open()
  assert.equal(timeline.events.at(-1).seq, 2000)
  assert(timeline.atEnd && !timeline.atStart)
  for (let i = 0; i < 12; i++) await timeline.older()
  assert.equal(timeline.events.length, MOST)
  assert(!timeline.atEnd, 'the far end is let go')
  for (let i = 0; i < 12; i++) await timeline.newer()
  assert.equal(timeline.events.at(-1).seq, 2000)
  assert(timeline.atEnd && timeline.events.length === MOST)
  await timeline.open(500)
  assert(timeline.find(500) && !timeline.atEnd)
  while (!timeline.atStart) await timeline.older()
  assert.equal(timeline.events[0].seq, 1)
})

test('what is told is shown at the end, and what became of a message is asked again', async () => {
  const parley = talk(100)
  const timeline = new Timeline(parley, 'c')
  await timeline.open()
  const next = said(101, 'b', 101)
  parley.events.push(next)
  parley.tell('message', next)
  parley.tell('message', { ...next, conversation: 'other', seq: 102 })
  assert.equal(timeline.events.at(-1).seq, 101)
  parley.events[59] = { ...parley.events[59], body: 'edited' }
  parley.tell('edited', { type: 'edited', conversation: 'c', seq: 102, at: 1, message: 60, by: 'a', body: 'edited' })
  await new Promise((resolve) => setTimeout(resolve, 60))
  assert.equal(timeline.find(60).body, 'edited')
  parley.tell('hidden', { type: 'hidden', conversation: 'c', message: 60 })
  assert.equal(timeline.find(60), undefined)
})

test('one’s own message is pending until it is told', async () => {
  const parley = talk(3)
  const timeline = new Timeline(parley, 'c')
  await timeline.open()
  parley.tell('sending', { conversation: 'c', clientId: 'x', body: 'mine', options: {}, state: 'pending' })
  assert.equal(timeline.pending.length, 1)
  parley.tell('sending', { conversation: 'c', clientId: 'x', body: 'mine', options: {}, state: 'sent', seq: 4 })
  assert.equal(timeline.pending.length, 1, 'sent, and not in sight yet')
  parley.tell('message', said(4, 'me', 4, { client_id: 'x' }))
  assert.equal(timeline.pending.length, 0)
})

test('a chart is of what was lately, and has a gap where the server began anew', () => {
  const sample = (at, uptime_ms, messages, buckets) => ({ at, told: { uptime_ms, messages, send: { p50_ms: 9, p99_ms: 99, buckets } } })
  const of = (few, many) => [{ to_ms: 1, count: few }, { to_ms: 5, count: many }, { to_ms: null, count: 0 }]
  const samples = [sample(0, 5000, 10, of(0, 98)), sample(2000, 7000, 30, of(60, 98)), sample(4000, 500, 4, of(1, 3))]
  assert.deepEqual(ratesOf(samples, (told) => told.messages), [undefined, 10, undefined])
  assert.deepEqual(quantilesOf(samples, (told) => told.send, 0.5), [5, 1, 5])
  assert.deepEqual(quantilesOf([sample(0, 1, 0)], (told) => told.send, 0.99), [99], 'of all, where the server tells no more')
})
