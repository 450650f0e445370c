// Connections are cut, the server is killed, tabs are suspended, clocks jump: events come once and in order all the same.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect, type Options, type Parley } from '../src/node.js'
import WebSocket from 'ws'
import { CODECS } from '../src/codec.js'
import type { Envelope } from '../src/index.js'
import { socketsOf, type OpenSocket, type WebSocketClass } from '../src/socket.js'
import { dice, FastClock, seedOf } from './support/clocks.js'
import { eventually, judge, pause, truth, Witness } from './support/oracle.js'
import { Proxy } from './support/proxy.js'
import { Server } from './support/server.js'

let server: Server
let proxy: Proxy
let opened: Parley[]
let number = 0

beforeAll(async () => { server = await Server.start() })
afterAll(() => server.clean())
beforeEach(async () => {
  proxy = await Proxy.start(() => server.port)
  opened = []
  number++
})
afterEach(async () => {
  await Promise.all(opened.map((parley) => parley.close()))
  await proxy.close()
})

async function open(name: string, more: Partial<Options> = {}): Promise<Parley> {
  const user = `${name}-${number}`
  const parley = await connect({ url: server.url, user, token: () => server.token(user), store: 'memory', ...more })
  opened.push(parley)
  return parley
}

/** Alice, directly at the server, and bob, behind the proxy and being watched, in one group. */
async function pair(more: Partial<Options> = {}): Promise<{ alice: Parley; bob: Parley; seen: Witness; room: string }> {
  const seen = new Witness()
  const bob = seen.watch(await open('bob', { url: proxy.url, clock: new FastClock(10), ...more }))
  const alice = await open('alice')
  await Promise.all([alice.ready(), bob.ready()])
  const { conversation: room } = await alice.call('create', { kind: 'group', members: [bob.user] })
  await eventually(() => seen.numbers(room).length === 1)
  return { alice, bob, seen, room }
}

/** Sockets that note what they receive. */
function overheard(received: Envelope[]): OpenSocket {
  return (url, subprotocol, events) => socketsOf(WebSocket as unknown as WebSocketClass)(url, subprotocol, {
    ...events,
    message: (data) => {
      received.push(...CODECS.msgpack.decode(data))
      events.message(data)
    },
  })
}

async function post(parley: Parley, room: string, count: number, tag: string): Promise<void> {
  for (let at = 0; at < count; at += 200) {
    await Promise.all(Array.from({ length: Math.min(200, count - at) }, (_, i) =>
      parley.call('send', { conversation: room, client_id: `${tag}-${at + i}`, body: `${tag} ${at + i}` })))
  }
}

describe.each(['msgpack', 'json'] as const)('in %s', (encoding) => {
  test('cut off again and again while both write: each message is there once, and told once, in order', async () => {
    const seed = seedOf()
    const random = dice(seed)
    const { alice, bob, seen, room } = await pair({ encoding })
    const sent = { alice: [] as string[], bob: [] as string[] }
    for (let i = 0; i < 120; i++) {
      sent.alice.push(`a ${i}`)
      sent.bob.push(`b ${i}`)
      alice.send(room, `a ${i}`)
      bob.send(room, `b ${i}`)
      if (random() < 0.1) proxy.cut()
      await pause(random() * 12)
    }
    await Promise.all([...alice.outbox(), ...bob.outbox()].map((each) => each.done))
    await judge(seen, alice, room).catch((fault: Error) => { throw new Error(`seed ${seed}: ${fault.message}`) })
    const bodies = seen.bodies(room)
    expect(bodies.filter((body) => body?.startsWith('a'))).toEqual(sent.alice)
    expect(bodies.filter((body) => body?.startsWith('b'))).toEqual(sent.bob)
    expect(proxy.accepted).toBeGreaterThan(2)
    expect(seen.resets).toEqual([])
  })
})

test('more was missed than a resume sends: the gap is pulled before what follows it', async () => {
  const received: Envelope[] = []
  const { alice, bob, seen, room } = await pair({ openSocket: overheard(received) })
  proxy.block()
  await eventually(() => bob.state.state !== 'online')
  await post(alice, room, 1300, 'away')
  proxy.unblock()
  await judge(seen, alice, room)
  expect(received.filter((each) => each.type === 'gap')).toMatchObject([{ conversation: room, to: 801 }])
  expect(seen.missed).toEqual([])
  await post(alice, room, 3, 'live')
  await judge(seen, alice, room)
  // What was pulled is behind a checkpoint: nothing comes again.
  await pause(1200)
  const before = seen.told.length
  proxy.cut()
  await eventually(() => bob.state.state !== 'online')
  await bob.ready()
  await alice.send(room, 'last').done
  await judge(seen, alice, room)
  expect(seen.told.length).toBe(before + 1)
})

test('removed, added again, and told of neither while away', async () => {
  const { alice, bob, seen, room } = await pair()
  await alice.send(room, 'one').done
  await eventually(() => seen.numbers(room).length === 2)
  proxy.block()
  await alice.call('remove', { conversation: room, user: bob.user })
  await alice.send(room, 'not for bob').done
  await alice.call('add', { conversation: room, users: [bob.user] })
  await alice.send(room, 'back').done
  proxy.unblock()
  await eventually(() => seen.bodies(room).includes('back'))
  expect(seen.numbers(room).filter((seq) => seq !== 4)).toEqual([1, 2, 3, 5, 6])
  expect(seen.missed).toEqual([])
  await eventually(() => bob.conversations().length === 1)
})

test('the server is killed and started again under traffic', async () => {
  const { alice, bob, seen, room } = await pair()
  const bodies: string[] = []
  let writing = true
  const writer = (async () => {
    for (let i = 0; writing; i++) {
      bodies.push(`m ${i}`)
      alice.send(room, `m ${i}`)
      await pause(5)
    }
  })()
  for (let i = 0; i < 3; i++) {
    await pause(150)
    await server.kill()
    await pause(50)
    await server.start()
    await Promise.all([alice.ready(), bob.ready()])
  }
  writing = false
  await writer
  await Promise.all(alice.outbox().map((each) => each.done))
  await judge(seen, alice, room)
  expect(seen.bodies(room)).toEqual(bodies)
})

test('a server that stops in good order is come back to', async () => {
  const { alice, bob, seen, room } = await pair()
  const pending = alice.send(room, 'before')
  await server.stop()
  const later = alice.send(room, 'meanwhile')
  expect(later.state).toBe('pending')
  await server.start()
  await Promise.all([pending.done, later.done])
  await judge(seen, alice, room)
  await bob.ready()
})

test('a suspended tab finds its connection dead, and catches up', async () => {
  const clock = new FastClock(20)
  const { alice, bob, seen, room } = await pair({ clock })
  proxy.strand() // the connection dies, and nobody says so
  clock.suspend()
  await post(alice, room, 20, 'asleep')
  const mine = bob.send(room, 'said into the void')
  await pause(1500)
  expect([seen.bodies(room), mine.state, bob.state.state]).toEqual([[], 'pending', 'online'])
  clock.resume(3_600_000)
  await mine.done
  await judge(seen, alice, room)
  expect(proxy.accepted).toBe(2)
})

test('a page that comes back to sight need not wait for the beat', async () => {
  const clock = new FastClock(10)
  const { alice, bob, seen, room } = await pair({ clock })
  await pause(50)
  proxy.strand()
  bob.wake()
  await alice.send(room, 'while it was dead').done
  await judge(seen, alice, room)
  expect(proxy.accepted).toBe(2)
})

test('a loop that was blocked keeps a connection that is alive', async () => {
  const clock = new FastClock(20)
  const { alice, bob, seen, room } = await pair({ clock })
  for (let i = 0; i < 2; i++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500) // half a minute, as this clock has it
    await alice.send(room, `after ${i}`).done
    await judge(seen, alice, room)
  }
  await pause(600)
  expect(bob.state.state).toBe('online')
  expect(proxy.accepted).toBe(1)
})

test('a clock that jumps, forth and back, harms nothing', async () => {
  const clock = new FastClock(20)
  const { alice, bob, seen, room } = await pair({ clock })
  for (const days of [1, -2, 400, -400]) {
    clock.jump(days * 86_400_000)
    await alice.send(room, `jumped ${days}`).done
    await pause(600) // time for the beat to notice
    await bob.send(room, `still here ${days}`).done
  }
  await judge(seen, alice, room)
  expect(bob.state.state).toBe('online')
  expect(proxy.accepted).toBe(1)
  expect((await truth(alice, room)).length).toBe(9)
})
