// Connections are cut and the server is killed: events come once and in order all the same.
import { describe, expect, test } from 'vitest'
import type { Envelope } from '../src/node.js'
import { dice, seedOf } from './support/clocks.js'
import { eventually, judge, pause } from './support/oracle.js'
import { overheard, post, Stage } from './support/stage.js'

const stage = new Stage()

describe.each(['msgpack', 'json'] as const)('in %s', (encoding) => {
  test('cut off again and again while both write: each message is there once, and told once, in order', async () => {
    const seed = seedOf()
    const random = dice(seed)
    const { alice, bob, seen, room } = await stage.pair({ encoding })
    const sent = { alice: [] as string[], bob: [] as string[] }
    for (let i = 0; i < 120; i++) {
      sent.alice.push(`a ${i}`)
      sent.bob.push(`b ${i}`)
      alice.send(room, `a ${i}`)
      bob.send(room, `b ${i}`)
      if (random() < 0.1) stage.proxy.cut()
      await pause(random() * 12)
    }
    await Promise.all([...alice.outbox(), ...bob.outbox()].map((each) => each.done))
    await judge(seen, alice, room).catch((fault: Error) => { throw new Error(`seed ${seed}: ${fault.message}`) })
    const bodies = seen.bodies(room)
    expect(bodies.filter((body) => body?.startsWith('a'))).toEqual(sent.alice)
    expect(bodies.filter((body) => body?.startsWith('b'))).toEqual(sent.bob)
    expect(stage.proxy.accepted).toBeGreaterThan(2)
    expect(seen.resets).toEqual([])
  })
})

test('more was missed than a resume sends: the gap is pulled before what follows it', async () => {
  const received: Envelope[] = []
  const { alice, bob, seen, room } = await stage.pair({ openSocket: overheard(received) })
  stage.proxy.block()
  await eventually(() => bob.state.state !== 'online')
  await post(alice, room, 1300, 'away')
  stage.proxy.unblock()
  await judge(seen, alice, room)
  expect(received.filter((each) => each.type === 'gap')).toMatchObject([{ conversation: room, to: 801 }])
  expect(seen.missed).toEqual([])
  await post(alice, room, 3, 'live')
  await judge(seen, alice, room)
  // What was pulled is behind a checkpoint: nothing comes again.
  await pause(1200)
  const before = seen.told.length
  stage.proxy.cut()
  await eventually(() => bob.state.state !== 'online')
  await bob.ready()
  await alice.send(room, 'last').done
  await judge(seen, alice, room)
  expect(seen.told.length).toBe(before + 1)
})

test('removed, added again, and told of neither while away', async () => {
  const { alice, bob, seen, room } = await stage.pair()
  await alice.send(room, 'one').done
  await eventually(() => seen.numbers(room).length === 2)
  stage.proxy.block()
  await alice.call('remove', { conversation: room, user: bob.user })
  await alice.send(room, 'not for bob').done
  await alice.call('add', { conversation: room, users: [bob.user] })
  await alice.send(room, 'back').done
  stage.proxy.unblock()
  await eventually(() => seen.bodies(room).includes('back'))
  expect(seen.numbers(room).filter((seq) => seq !== 4)).toEqual([1, 2, 3, 5, 6])
  expect(seen.missed).toEqual([])
  await eventually(() => bob.conversations().length === 1)
})

test('the server is killed and started again under traffic', async () => {
  const { alice, bob, seen, room } = await stage.pair()
  const bodies: string[] = []
  let writing = true
  const writer = (async () => {
    for (let i = 0; writing; i++) {
      bodies.push(`m ${i}`)
      alice.send(room, `m ${i}`)
      await pause(5)
    }
  })()
  try {
    for (let i = 0; i < 2; i++) {
      await pause(150)
      await stage.server.kill()
      await pause(50)
      await stage.server.start()
      await Promise.all([alice.ready(), bob.ready()])
    }
  } finally {
    writing = false
    await writer
  }
  await Promise.all(alice.outbox().map((each) => each.done))
  await judge(seen, alice, room)
  expect(seen.bodies(room)).toEqual(bodies)
})

test('a server that stops in good order is come back to', async () => {
  const { alice, bob, seen, room } = await stage.pair()
  const pending = alice.send(room, 'before')
  await stage.server.stop()
  const later = alice.send(room, 'meanwhile')
  expect(later.state).toBe('pending')
  await stage.server.start()
  await Promise.all([pending.done, later.done])
  await judge(seen, alice, room)
  await bob.ready()
})
