// One connection after another, with a clock and sockets that a test moves by hand.
import { describe, expect, test } from 'vitest'
import { CODECS } from '../src/codec.js'
import { Connection } from '../src/connection.js'
import type { ConnectionState, Envelope } from '../src/index.js'
import type { Ending } from '../src/retry.js'
import { FakeClock, settle } from './support/clocks.js'
import { FakeNet } from './support/net.js'

const token = (life: number) => `h.${btoa(JSON.stringify({ sub: 'bob', iat: 1000, exp: 1000 + life }))}.s`

class World {
  readonly clock = new FakeClock()
  readonly net = new FakeNet()
  readonly states: ConnectionState[] = []
  readonly received: Envelope[] = []
  readonly endings: Ending[] = []
  welcomes = 0
  asked = 0
  tokens: () => Promise<string> = async () => token(3600)
  readonly connection = new Connection({
    url: 'ws://x/v1/ws', codec: CODECS.json, open: this.net.open, clock: this.clock,
    owner: {
      greet: async () => ({ token: await this.#token(), device: 'd', since: undefined }),
      token: () => this.#token(),
      welcomed: () => { this.welcomes++ },
      received: (envelopes) => this.received.push(...envelopes),
      lost: (ending) => this.endings.push({ ...ending }),
      state: (state) => this.states.push(state),
    },
  })

  #token(): Promise<string> {
    this.asked++
    return this.tokens()
  }

  static async online(): Promise<World> {
    const world = new World()
    world.connection.start()
    await settle()
    world.net.socket.welcome()
    return world
  }

  get state(): ConnectionState {
    return this.connection.state
  }

  get delay(): number {
    return this.state.state === 'offline' ? this.state.retry_in_ms : NaN
  }
}

test('hello goes first, and what comes with welcome is received behind it', async () => {
  const world = new World()
  world.connection.start()
  await settle()
  world.net.socket.accept()
  expect(world.net.socket.sent).toMatchObject([{ type: 'hello', device: 'd', token: token(3600) }])
  expect(world.connection.send({ type: 'ping' })).toBe(false)
  world.net.socket.welcome()
  expect(world.state).toMatchObject({ state: 'online', user: 'bob', session: '0-1' })
  world.net.socket.say({ type: 'typing' }, { type: 'checkpoint', cursor: 'c' })
  expect(world.received.map((each) => each.type)).toEqual(['typing', 'checkpoint'])
})

describe('the way back', () => {
  test('delays double up to half a minute, with jitter', async () => {
    const world = new World()
    world.connection.start()
    await settle()
    const delays: number[] = []
    for (let i = 0; i < 9; i++) {
      world.net.socket.end(1006)
      delays.push(world.delay)
      await world.clock.pass(world.delay)
      expect(world.net.sockets.length).toBe(i + 2)
    }
    expect(delays).toEqual([300, 600, 1200, 2400, 4800, 9600, 18_000, 18_000, 18_000])
    world.clock.chance = 0
    world.net.socket.end(1006)
    expect(world.delay).toBe(6000)
  })

  test('a connection that lived is followed by the first delay again, one that died at once is not', async () => {
    const world = await World.online()
    for (let i = 0; i < 3; i++) {
      world.net.socket.end(1006)
      await world.clock.pass(world.delay)
      world.net.socket.welcome()
    }
    world.net.socket.end(1006)
    expect(world.delay).toBe(2400)
    await world.clock.pass(world.delay)
    world.net.socket.welcome()
    await world.clock.pass(10_000)
    world.net.socket.end(1012)
    expect(world.delay).toBe(300)
  })

  test('never sooner than the server asked for', async () => {
    const world = await World.online()
    world.net.socket.say({ type: 'bye', reason: 'draining', retry_after_ms: 5000 })
    world.net.socket.end(1012)
    expect(world.delay).toBe(5300)
    expect(world.endings).toMatchObject([{ code: 1012, bye: 'draining' }])
    await world.clock.pass(5299)
    expect(world.net.sockets.length).toBe(1)
    await world.clock.pass(1)
    world.net.socket.accept()
    world.net.socket.say({ type: 'error', ref: 'hello', code: 'overloaded', message: '', retry_after_ms: 7000 })
    world.net.socket.end(1013)
    expect(world.delay).toBe(7600)
  })

  test('waking connects at once', async () => {
    const world = await World.online()
    world.net.socket.end(1006)
    world.connection.wake()
    await settle()
    expect(world.net.sockets.length).toBe(2)
    expect(world.state.state).toBe('connecting')
    await world.clock.pass(1000)
    expect(world.net.sockets.length).toBe(2)
  })

  test('no upgrade and no welcome in time: the next one', async () => {
    const world = new World()
    world.connection.start()
    await world.clock.pass(14_999)
    expect(world.net.socket.over).toBe(false)
    await world.clock.pass(1)
    expect(world.net.socket.over).toBe(true)
    expect(world.state.state).toBe('offline')
  })

  test('a message that cannot be read ends the connection, not the client', async () => {
    const world = await World.online()
    world.net.socket.events.message('{"type":')
    expect(world.state).toMatchObject({ state: 'offline', error: { code: 'internal' } })
    await world.clock.pass(world.delay)
    world.net.socket.welcome()
    expect(world.state.state).toBe('online')
  })
})

describe('liveness', () => {
  test('silence is looked into; a pong is enough, and none is the end', async () => {
    const world = await World.online()
    await world.clock.pass(30_000)
    expect(world.net.socket.types()).toEqual(['hello', 'ping'])
    world.net.socket.answer('ping', { type: 'pong' })
    await world.clock.pass(20_000)
    expect(world.state.state).toBe('online')
    await world.clock.pass(20_000)
    expect(world.state.state).toBe('offline')
    expect(world.endings.length).toBe(1)
  })

  test('whoever hears something need not ask', async () => {
    const world = await World.online()
    for (let i = 0; i < 10; i++) {
      await world.clock.pass(9000)
      world.net.socket.say({ type: 'typing' })
    }
    expect(world.net.socket.types()).toEqual(['hello'])
  })

  test('after a suspension the connection is asked, and found dead within seconds', async () => {
    const world = await World.online()
    await world.clock.blocked(600_000)
    expect(world.net.socket.types()).toEqual(['hello', 'ping'])
    await world.clock.pass(5000)
    expect(world.net.sockets.length).toBe(1)
    expect(world.state.state).toBe('offline')
  })

  test('a clock that jumps makes it ask, no more', async () => {
    const world = await World.online()
    for (const jump of [86_400_000, -200_000_000]) {
      world.clock.jump(jump)
      await world.clock.pass(10_000)
      world.net.socket.answer('ping', { type: 'pong' })
    }
    await world.clock.pass(9000)
    expect(world.net.socket.types()).toEqual(['hello', 'ping', 'ping'])
    expect(world.state.state).toBe('online')
  })

  test('a pong that waits behind a blocked loop still counts', async () => {
    const world = await World.online()
    world.connection.wake()
    await world.clock.blocked(8000) // its time is over, but it may be there to be read
    world.net.socket.answer('ping', { type: 'pong' })
    await world.clock.pass(3000)
    expect(world.state.state).toBe('online')
    world.connection.wake()
    await world.clock.blocked(8000)
    await world.clock.pass(1000)
    expect(world.state.state).toBe('offline')
  })
})

describe('tokens', () => {
  test('are replaced at four fifths of their life, whatever the date here is', async () => {
    const world = new World()
    world.tokens = async () => token(1000)
    world.clock.jump(10 * 365 * 86_400_000)
    world.connection.start()
    await settle()
    world.net.socket.welcome()
    expect(world.asked).toBe(1)
    for (let second = 0; second < 805; second += 5) {
      await world.clock.pass(5000)
      world.net.socket.say({ type: 'typing' })
    }
    expect(world.asked).toBe(2)
    expect(world.net.socket.sent.at(-1)).toMatchObject({ type: 'refresh', token: token(1000) })
  })

  test('a refused one is replaced; three in a row are enough', async () => {
    const world = await World.online()
    const refuse = () => {
      world.net.socket.accept()
      world.net.socket.say({ type: 'error', ref: 'hello', code: 'token_expired', message: 'expired' })
      world.net.socket.end(4401)
    }
    world.net.socket.end(4401)
    for (let i = 0; i < 2; i++) {
      await world.clock.pass(world.delay)
      refuse()
      expect(world.state).toMatchObject({ state: 'offline', error: { code: 'token_expired' } })
    }
    await world.clock.pass(world.delay)
    refuse()
    expect(world.state).toMatchObject({ state: 'closed', error: { code: 'token_expired' } })
    expect(world.asked).toBe(4)
  })

  test('an application that has none is asked again', async () => {
    const world = new World()
    world.tokens = () => Promise.reject(new Error('no network'))
    world.connection.start()
    await settle()
    expect(world.state).toMatchObject({ state: 'offline', error: { code: 'token', message: 'no network' } })
    world.tokens = async () => token(3600)
    await world.clock.pass(world.delay)
    world.net.socket.welcome()
    expect(world.state.state).toBe('online')
  })
})

test.each([
  [4401, 'ended', 'ended'],
  [4403, 'erased', 'erased'],
])('closed with %i after a bye that says %s: nobody comes back', async (code, reason, error) => {
  const world = await World.online()
  world.net.socket.say({ type: 'bye', reason })
  world.net.socket.end(code)
  expect(world.state).toMatchObject({ state: 'closed', error: { code: error } })
  await world.clock.pass(3_600_000)
  expect(world.net.sockets.length).toBe(1)
})

test('too many devices: it tries again, slowly', async () => {
  const world = new World()
  world.connection.start()
  await settle()
  world.net.socket.accept()
  world.net.socket.say({ type: 'error', ref: 'hello', code: 'forbidden', message: 'too many devices' })
  world.net.socket.end(4403)
  expect(world.state).toMatchObject({ state: 'offline', retry_in_ms: 18_000, error: { code: 'forbidden' } })
})

test('close is the end, also while it is connecting', async () => {
  for (const moment of ['token', 'socket', 'online', 'offline']) {
    const world = new World()
    world.connection.start()
    if (moment !== 'token') await settle()
    if (moment === 'online') world.net.socket.welcome()
    if (moment === 'offline') world.net.socket.end(1006)
    world.connection.close()
    await world.clock.pass(3_600_000)
    expect(world.net.sockets.length).toBe(moment === 'token' ? 0 : 1)
    expect(world.state).toEqual({ state: 'closed', error: undefined })
  }
})
