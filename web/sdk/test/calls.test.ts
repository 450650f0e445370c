// Commands across connections, and messages on their way, with a server that a test plays.
import { describe, expect, test } from 'vitest'
import { Calls } from '../src/calls.js'
import { MemoryStore, type Envelope, type Sending } from '../src/index.js'
import { MOST_MESSAGES, Outbox } from '../src/outbox.js'
import { FakeClock, settle } from './support/clocks.js'
import { Browser } from './support/tabs.js'

class World {
  readonly clock = new FakeClock()
  readonly sent: Envelope[] = []
  online = true
  readonly calls = new Calls(this.clock, {
    send: (envelope) => {
      if (this.online) this.sent.push(envelope)
      return this.online
    },
    fits: (envelope) => JSON.stringify(envelope).length < 1000,
  })

  /** The server answers the oldest command of the type that it has not answered. */
  answer(type: string, answer: Envelope): void {
    const at = this.sent.findIndex((each) => each.type === type)
    if (at < 0) throw new Error(`nobody said ${type}`)
    const [command] = this.sent.splice(at, 1)
    this.calls.answered({ ...answer, ref: command!.ref })
  }

  lose(code = 1006): void {
    this.online = false
    this.calls.lost(code)
    this.sent.length = 0
  }

  resume(): void {
    this.online = true
    this.calls.resumed()
  }
}

const error = (code: string, more: object = {}): Envelope => ({ type: 'error', code, message: code, ...more })

describe('commands', () => {
  test('are said again on the next connection, in their order, with the same client_id', async () => {
    const world = new World()
    const first = world.calls.ask('add', { conversation: 'c', users: ['x'] })
    const second = world.calls.ask('list', {})
    const before = [...world.sent]
    expect(before[0]?.client_id).toMatch(/^[0-9a-f]{32}$/)
    expect(before[1]).not.toHaveProperty('client_id')
    world.lose()
    const third = world.calls.ask('get', { conversation: 'c' })
    world.resume()
    expect(world.sent.map((each) => each.type)).toEqual(['add', 'list', 'get'])
    expect(world.sent.slice(0, 2)).toEqual(before)
    world.answer('add', { type: 'ok', seq: 4 })
    world.answer('list', { type: 'conversations', items: [] })
    world.answer('get', error('not_found', { retry_after_ms: 3 }))
    await expect(first).resolves.toMatchObject({ seq: 4 })
    await expect(second).resolves.toMatchObject({ items: [] })
    await expect(third).rejects.toMatchObject({ code: 'not_found', retryAfterMs: 3 })
  })

  test('of the moment do not wait', async () => {
    const world = new World()
    const typing = world.calls.ask('typing', { conversation: 'c', active: true })
    world.lose()
    await expect(typing).rejects.toMatchObject({ code: 'offline' })
    await expect(world.calls.ask('typing', {})).rejects.toMatchObject({ code: 'offline' })
  })

  test('are given up in time, and what comes later is nobody\'s', async () => {
    const world = new World()
    const asked = world.calls.ask('list', {}, { timeoutMs: 5000 })
    asked.catch(() => {})
    await world.clock.pass(5000)
    await expect(asked).rejects.toMatchObject({ code: 'timeout' })
    world.answer('list', { type: 'conversations' })
    expect(world.calls.answered({ type: 'message', seq: 1 })).toBe(false)
  })

  test('that the server cannot read, twice, are not said a third time', async () => {
    const world = new World()
    const poison = world.calls.ask('update', { meta: {} })
    poison.catch(() => {})
    for (let i = 0; i < 2; i++) {
      expect(world.sent.length).toBe(1)
      world.lose(1007)
      world.resume()
    }
    await expect(poison).rejects.toMatchObject({ code: 'bad_request' })
    expect(world.sent).toEqual([])
  })

  test('that are too large, too many or too late are refused here', async () => {
    const world = new World()
    await expect(world.calls.ask('send', { body: 'x'.repeat(2000) })).rejects.toMatchObject({ code: 'too_large' })
    const waiting = Array.from({ length: 1000 }, () => world.calls.ask('list', {}).catch((fault: Error) => fault))
    await expect(world.calls.ask('list', {})).rejects.toMatchObject({ code: 'full' })
    world.calls.end(Object.assign(new Error(), { code: 'closed' }) as never)
    expect(await Promise.all(waiting)).toHaveLength(1000)
    await expect(world.calls.ask('list', {})).rejects.toMatchObject({ code: 'closed' })
  })
})

class Post extends World {
  readonly told: [string, string][] = []
  readonly faults: unknown[] = []
  readonly outbox: Outbox

  constructor(readonly store = new MemoryStore(), readonly browser = new Browser()) {
    super()
    this.outbox = new Outbox({
      calls: this.calls, clock: this.clock, locks: browser.tab(), name: 'test',
      run: (work) => store.run(work), told: ({ body, state }) => this.told.push([body, state]), failed: (fault) => this.faults.push(fault),
    })
  }

  static async open(store?: MemoryStore, browser?: Browser): Promise<Post> {
    const post = new Post(store, browser)
    await post.outbox.open()
    await settle()
    return post
  }

  bodies(): unknown[] {
    return this.sent.map((each) => each.body)
  }

  stored(): Promise<unknown[]> {
    return this.store.run(async (transaction) => (await transaction.scan(['outbox'], ['outbox '])).map(({ value }) => (value as Sending).body))
  }
}

const sent = (seq: number): Envelope => ({ type: 'sent', seq, at: seq })

describe('the outbox', () => {
  test('keeps a message before it sends it, and forgets it when it is there', async () => {
    const post = await Post.open()
    const message = post.outbox.send('c', 'hello', { mentions: ['x'] })
    expect([post.bodies(), post.outbox.list()]).toEqual([[], [message]])
    await settle()
    expect(post.sent).toMatchObject([{ type: 'send', conversation: 'c', body: 'hello', mentions: ['x'], client_id: message.clientId }])
    expect(await post.stored()).toEqual(['hello'])
    post.answer('send', sent(7))
    await expect(message.done).resolves.toMatchObject({ seq: 7 })
    expect(message).toMatchObject({ state: 'sent', seq: 7, at: 7 })
    expect([post.outbox.list(), await post.stored(), post.told]).toEqual([[], [], [['hello', 'sent']]])
  })

  test('sends one at a time to a conversation, and to several at once', async () => {
    const post = await Post.open()
    for (const body of ['1', '2', '3']) post.outbox.send('c', body)
    post.outbox.send('d', 'other')
    await settle()
    expect(post.bodies()).toEqual(['1', 'other'])
    post.answer('send', sent(1))
    await settle()
    expect(post.bodies()).toEqual(['other', '2'])
  })

  test('waits as long as it is told, and what is behind waits, too', async () => {
    const post = await Post.open()
    const [first, second] = [post.outbox.send('c', '1'), post.outbox.send('c', '2')]
    await settle()
    post.answer('send', error('rate_limited', { retry_after_ms: 4000 }))
    await settle()
    expect(first).toMatchObject({ state: 'pending', error: { code: 'rate_limited', retryAfterMs: 4000 } })
    await post.clock.pass(4000)
    expect(post.bodies()).toEqual([])
    await post.clock.pass(1000)
    expect(post.bodies()).toEqual(['1'])
    post.answer('send', sent(1))
    await settle()
    post.answer('send', sent(2))
    await settle()
    expect([first.state, first.error, second.state]).toEqual(['sent', undefined, 'sent'])
  })

  test('keeps one that failed until it is tried again or discarded; others go on', async () => {
    const post = await Post.open()
    const [first, second, third] = ['1', '2', '3'].map((body) => post.outbox.send('c', body))
    await settle()
    post.answer('send', error('frozen'))
    await settle()
    expect(first).toMatchObject({ state: 'failed', error: { code: 'frozen' } })
    post.answer('send', error('forbidden'))
    await settle()
    await expect(second!.done).rejects.toMatchObject({ code: 'forbidden' })
    post.answer('send', sent(1))
    await settle()
    expect(third!.state).toBe('sent')
    expect(await post.stored()).toEqual(['1', '2'])
    first!.retry()
    await second!.discard()
    await settle()
    expect(post.sent).toMatchObject([{ body: '1', client_id: first!.clientId }])
    post.answer('send', sent(2))
    await expect(first!.done).resolves.toMatchObject({ seq: 2 })
    expect(await post.stored()).toEqual([])
  })

  test('goes on after a reload, with the same client_id, in the same order, failed ones as failed', async () => {
    const before = await Post.open()
    const names = ['1', '2', '3'].map((body) => before.outbox.send('c', body).clientId)
    before.outbox.send('d', 'failed').done.catch(() => {})
    await settle()
    before.sent.splice(0, 1) // the first one got its answer in a tab that was gone
    before.answer('send', error('not_found'))
    await settle()
    before.outbox.end()
    const after = await Post.open(before.store, before.browser)
    expect(after.outbox.list().map(({ body, state }) => [body, state])).toEqual([['1', 'pending'], ['2', 'pending'], ['3', 'pending'], ['failed', 'failed']])
    for (const name of names) {
      expect(after.sent).toMatchObject([{ client_id: name }])
      after.answer('send', sent(1))
      await settle()
    }
    expect(await after.stored()).toEqual(['failed'])
  })

  test('leaves to another tab what is that tab\'s, until it is gone', async () => {
    const one = await Post.open()
    one.online = false
    one.outbox.send('c', 'mine')
    await settle()
    const two = await Post.open(one.store, one.browser)
    expect(two.outbox.list()).toEqual([])
    one.outbox.end()
    await two.outbox.adopt()
    await settle()
    expect(two.bodies()).toEqual(['mine'])
  })

  test('sends what a store could not keep', async () => {
    const store = new MemoryStore()
    store.run = () => Promise.reject(new Error('the disk is full'))
    const post = new Post(store)
    const message = post.outbox.send('c', 'hello')
    await settle()
    post.answer('send', sent(1))
    await expect(message.done).resolves.toMatchObject({ seq: 1 })
    expect(post.faults.length).toBe(2)
  })

  test('has a bound', async () => {
    const post = await Post.open()
    post.online = false
    for (let i = 0; i < MOST_MESSAGES; i++) post.outbox.send('c', 'x')
    expect(() => post.outbox.send('c', 'x')).toThrow(expect.objectContaining({ code: 'full' }) as Error)
  })
})
