// Tabs are suspended, loops are blocked and clocks jump: dead connections are found, live ones are kept.
import { expect, test } from 'vitest'
import { FastClock } from './support/clocks.js'
import { judge, pause, truth } from './support/oracle.js'
import { post, Stage } from './support/stage.js'

const stage = new Stage()

test('a suspended tab finds its connection dead, and catches up', async () => {
  const clock = new FastClock(20)
  const { alice, bob, seen, room } = await stage.pair({ clock })
  stage.proxy.strand() // the connection dies, and nobody says so
  clock.suspend()
  await post(alice, room, 20, 'asleep')
  const mine = bob.send(room, 'said into the void')
  await pause(1500)
  expect([seen.bodies(room), mine.state, bob.state.state]).toEqual([[], 'pending', 'online'])
  clock.resume(3_600_000)
  await mine.done
  await judge(seen, alice, room)
  expect(stage.proxy.accepted).toBe(2)
})

test('a page that comes back to sight need not wait for the beat', async () => {
  const clock = new FastClock(10)
  const { alice, bob, seen, room } = await stage.pair({ clock })
  await pause(50)
  stage.proxy.strand()
  bob.wake()
  await alice.send(room, 'while it was dead').done
  await judge(seen, alice, room)
  expect(stage.proxy.accepted).toBe(2)
})

test('a loop that was blocked keeps a connection that is alive', async () => {
  const clock = new FastClock(20)
  const { alice, bob, seen, room } = await stage.pair({ clock })
  for (let i = 0; i < 2; i++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000) // twenty seconds, as this clock has it
    await alice.send(room, `after ${i}`).done
    await judge(seen, alice, room)
  }
  await pause(600)
  expect(bob.state.state).toBe('online')
  expect(stage.proxy.accepted).toBe(1)
})

test('a clock that jumps, forth and back, harms nothing', async () => {
  const clock = new FastClock(20)
  const { alice, bob, seen, room } = await stage.pair({ clock })
  for (const days of [1, -2, 400, -400]) {
    clock.jump(days * 86_400_000)
    await alice.send(room, `jumped ${days}`).done
    await pause(520) // time for the beat to notice
    await bob.send(room, `still here ${days}`).done
  }
  await judge(seen, alice, room)
  expect(bob.state.state).toBe('online')
  expect(stage.proxy.accepted).toBe(1)
  expect((await truth(alice, room)).length).toBe(9)
})
