// A whole Parley with a clock and a server that a test plays: what is asked again, what is kept, what is told.
import { expect, test, vi } from 'vitest'
import { readMeta } from '../src/cache.js'
import { connect, MemoryStore, ParleyError, type Envelope, type Parley, type Store } from '../src/index.js'
import { FakeClock, settle } from './support/clocks.js'
import { FakeNet } from './support/net.js'
import { Browser } from './support/tabs.js'

class World {
  readonly clock = new FakeClock()
  readonly net = new FakeNet()
  readonly store = new MemoryStore()
  readonly told: [string, unknown][] = []
  parley!: Parley

  async open(store: Store = this.store): Promise<this> {
    this.parley = await connect({
      url: 'wss://chat.example', user: 'bob', token: () => 'token', encoding: 'json', store: async () => store,
      clock: this.clock, locks: new Browser().tab(), openSocket: this.net.open,
    })
    for (const name of ['message', 'left', 'trimmed', 'missed', 'reset', 'synced', 'receipt', 'error'] as const) {
      this.parley.on(name, (event) => this.told.push([name, event]))
    }
    await this.clock.pass(0)
    return this
  }

  async online(): Promise<this> {
    this.net.socket.welcome()
    await settle()
    return this
  }

  async say(...envelopes: Envelope[]): Promise<void> {
    this.net.socket.say(...envelopes)
    await settle()
  }

  async cut(): Promise<void> {
    this.net.socket.end(1006)
    await this.clock.pass(600)
  }

  async answer(type: string, answer: Envelope): Promise<void> {
    this.net.socket.answer(type, answer)
    await settle()
  }

  numbers(): unknown[] {
    return this.told.flatMap(([name, event]) => name === 'message' ? [(event as { seq: number }).seq] : [])
  }

  async cursor(): Promise<string | undefined> {
    return (await this.store.run(readMeta))?.cursor
  }
}

const message = (seq: number, more: object = {}): Envelope =>
  ({ type: 'message', conversation: 'c', seq, at: 1000 + seq, from: 'alice', client_id: `${seq}`, body: `${seq}`, ...more })
const list = (...items: object[]): Envelope => ({ type: 'conversations', items })

test('the first connection has no cursor, later ones have what was kept', async () => {
  const world = await (await new World().open()).online()
  expect(world.net.socket.sent[0]).not.toHaveProperty('since')
  expect(await world.cursor()).toBe('c0')
  await world.say(message(1), { type: 'checkpoint', cursor: 'c1' })
  await world.say(message(2))
  await world.cut()
  world.net.socket.accept()
  expect(world.net.socket.sent).toMatchObject([{ type: 'hello', since: 'c1', token: 'token' }])
  await world.online()
  await world.say(message(2), message(3), { type: 'synced', cursor: 'c3' })
  expect(world.numbers()).toEqual([1, 2, 3])
  expect(await world.cursor()).toBe('c3')
  const device = world.parley.device
  await world.parley.close()
  const again = await new World().open(world.store)
  again.net.socket.accept()
  expect(again.net.socket.sent).toMatchObject([{ type: 'hello', since: 'c3', device }])
})

test('no cursor is kept that covers what was not told', async () => {
  const world = await (await new World().open()).online()
  await world.say(message(1), { type: 'gap', conversation: 'c', from: 2, to: 5 }, message(6), { type: 'checkpoint', cursor: 'c6' })
  expect([world.numbers(), await world.cursor()]).toEqual([[1], 'c0'])
  await world.answer('sync', { type: 'error', code: 'rate_limited', message: '', retry_after_ms: 1000 })
  await world.clock.pass(3000)
  await world.answer('sync', { type: 'page', conversation: 'c', events: [2, 3, 4, 5].map((seq) => message(seq)), first: 2, last: 5, more: true })
  expect([world.numbers(), await world.cursor()]).toEqual([[1, 2, 3, 4, 5, 6], 'c6'])
})

test('a pull that a cut interrupts begins anew', async () => {
  const world = await (await new World().open()).online()
  await world.say(message(1), { type: 'checkpoint', cursor: 'c1' }, { type: 'gap', conversation: 'c', from: 2, to: 3 }, message(4))
  await world.cut()
  await world.online()
  await world.say({ type: 'gap', conversation: 'c', from: 2, to: 3 }, message(4), { type: 'synced', cursor: 'c4' })
  await world.answer('sync', { type: 'page', conversation: 'c', events: [message(2), message(3)], first: 2, last: 3, more: true })
  expect([world.numbers(), await world.cursor()]).toEqual([[1, 2, 3, 4], 'c4'])
})

test('watches and the status are said again, commands that waited, too', async () => {
  const world = await (await new World().open()).online()
  const said = [
    world.parley.call('watch', { users: ['alice', 'carol'] }), world.parley.call('unwatch', { users: ['carol'] }),
    world.parley.call('presence', { status: 'away' }),
  ]
  for (const type of ['watch', 'unwatch', 'presence']) await world.answer(type, { type: 'ok' })
  await Promise.all(said)
  await world.cut()
  void world.parley.call('members', { conversation: 'c' }).catch(() => {})
  await world.online()
  expect(world.net.socket.sent).toMatchObject([
    { type: 'hello' }, { type: 'members' }, { type: 'presence', status: 'away' }, { type: 'watch', users: ['alice'] }, { type: 'list' },
  ])
})

test('a reset empties the cache, is told, and the list is read anew; the outbox stays', async () => {
  const world = await (await new World().open()).online()
  const line = { conversation: 'c', kind: 'group', seq: 3, role: 'member', read: 0, unread: 2, mentions: 0 }
  await world.answer('list', list(line))
  await world.say(message(4), { type: 'checkpoint', cursor: 'c4' })
  expect(world.parley.conversations()).toMatchObject([{ conversation: 'c', unread: 3 }])
  await world.cut()
  const waiting = world.parley.send('c', 'still to be sent')
  await world.online()
  world.told.length = 0
  await world.say({ type: 'reset', reason: 'epoch', cursor: 'n0' }, message(2))
  expect(world.told.map(([name]) => name)).toEqual(['reset', 'synced', 'message'])
  await world.answer('list', list({ ...line, seq: 2, unread: 1 }))
  // The first list was asked for before the reset, and a second one is asked for behind it.
  await world.answer('list', list({ ...line, seq: 2, unread: 1 }))
  expect(world.parley.conversations()).toMatchObject([{ conversation: 'c', unread: 1 }])
  expect([await world.cursor(), world.parley.outbox()]).toEqual(['n0', [waiting]])
})

test('what falls out is dropped', async () => {
  const world = await (await new World().open()).online()
  await world.say(message(1), message(2), message(3), { type: 'trimmed', conversation: 'c', before: 3 })
  world.net.socket.end(1006)
  await settle()
  expect((await world.parley.history('c')).events.map((event) => event.seq)).toEqual([3])
  expect(world.told.at(-1)).toEqual(['trimmed', { type: 'trimmed', conversation: 'c', before: 3 }])
})

test('who was taken out keeps nothing of it', async () => {
  const world = await (await new World().open()).online()
  await world.answer('list', list({ conversation: 'c', kind: 'group', seq: 1, role: 'member', read: 0, unread: 0, mentions: 0 }))
  await world.say(message(2), { type: 'left', conversation: 'c', seq: 3, at: 1, user: 'bob', by: 'alice' })
  expect(world.parley.conversations()).toEqual([])
  await world.say(message(9))
  expect(world.told.map(([name]) => name)).toEqual(['synced', 'message', 'left', 'message'])
})

test('a listener that throws is told of, and the others are told all the same', async () => {
  const world = await new World().open()
  world.parley.on('receipt', () => { throw new Error('mine') })
  const other = vi.fn()
  const off = world.parley.on('receipt', other)
  await world.online()
  await world.say({ type: 'receipt', conversation: 'c', user: 'alice', delivered: 1, read: 1, at: 1 })
  expect(other).toHaveBeenCalledTimes(1)
  off()
  await world.say({ type: 'receipt', conversation: 'c', user: 'alice', delivered: 2, read: 2, at: 1 }, { type: 'from_the_future', x: 1 })
  expect(other).toHaveBeenCalledTimes(1)
  expect(world.told.filter(([name]) => name === 'error').map(([, error]) => (error as ParleyError).code)).toEqual(['listener', 'listener'])
})

test('a token of somebody else ends it, and so does close, for everything that waits', async () => {
  const world = await new World().open()
  world.net.socket.welcome({ user: 'mallory' })
  await settle()
  expect(world.parley.state).toMatchObject({ state: 'closed', error: { code: 'forbidden' } })
  const other = await new World().open()
  const waiting = other.parley.call('totals')
  waiting.catch(() => {})
  await other.parley.close()
  await expect(waiting).rejects.toMatchObject({ code: 'closed' })
  await expect(other.parley.ready()).rejects.toMatchObject({ code: 'closed' })
})

test('a store that cannot be opened or written is given up, and said so', async () => {
  const world = new World()
  const broken: Store = { run: () => Promise.reject(new Error('quota')), close() {} }
  await expect(world.open(broken)).resolves.toBe(world)
  await world.online()
  await world.say(message(1), message(2))
  expect(world.numbers()).toEqual([1, 2])
  expect(world.told.find(([name]) => name === 'error')?.[1]).toMatchObject({ code: 'store' })
  world.net.socket.end(1006)
  expect((await world.parley.history('c')).events.length).toBe(2)
})
