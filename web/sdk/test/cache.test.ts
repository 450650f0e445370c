// Whatever becomes of messages: what the cache says is what the server says.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { connect, type HistoryPage, type Parley } from '../src/node.js'
import { dice, seedOf } from './support/clocks.js'
import { eventually, Witness } from './support/oracle.js'
import { Server } from './support/server.js'

let server: Server
const opened: Parley[] = []

beforeAll(async () => { server = await Server.start() })
afterAll(async () => {
  await Promise.all(opened.map((parley) => parley.close()))
  await server.clean()
})

async function open(user: string): Promise<Parley> {
  const parley = await connect({ url: server.url, token: () => server.token(user), user, store: 'memory' })
  opened.push(parley)
  return parley
}

/** Something that one of them does; what the server refuses is no matter. */
async function anything(parley: Parley, conversation: string, random: () => number, most: number): Promise<void> {
  const message = 2 + Math.floor(random() * most)
  const emoji = ['👍', '❤️', 'constructor'][Math.floor(random() * 3)]!
  const dart = random()
  const body = `${dart} `.repeat(1 + Math.floor(random() * 15))
  const done: Promise<unknown> =
    dart < 0.35 ? parley.send(conversation, body, { mentions: random() < 0.3 ? ['@all'] : undefined }).done
    : dart < 0.45 ? parley.send(conversation, body, { reply_to: message }).done
    : dart < 0.55 ? parley.send(conversation, body, { thread: message }).done
    : dart < 0.7 ? parley.call('react', { conversation, message, emoji, remove: random() < 0.4 })
    : dart < 0.8 ? parley.call('edit', { conversation, message, body, mentions: random() < 0.3 ? ['@all'] : undefined })
    : dart < 0.84 ? parley.call('delete', { conversation, message, for: 'everyone' })
    : dart < 0.87 ? parley.call('delete', { conversation, message, for: 'me' })
    : dart < 0.9 ? parley.call('pin', { conversation, message })
    : dart < 0.94 ? parley.call('read', { conversation, seq: message })
    : dart < 0.96 ? parley.call('unread', { conversation, seq: message })
    : dart < 0.97 ? parley.call('set', { conversation, pinned: random() < 0.5 })
    : dart < 0.98 ? parley.call('read_thread', { conversation, message, seq: message })
    : parley.call('update', { conversation, title: body.slice(0, 20) })
  await done.catch(() => {})
  await Promise.all(parley.outbox().map((each) => each.discard()))
}

test('the cache and the list follow whatever is said and done', async () => {
  const seed = seedOf()
  const random = dice(seed)
  const [alice, bob] = [await open('alice'), await open('bob')]
  await Promise.all([alice.ready(), bob.ready()])
  const conversation = (await alice.call('create', { kind: 'group', members: ['bob'] })).conversation
  const [seenByAlice, seenByBob] = [new Witness(), new Witness()]
  seenByAlice.watch(alice)
  seenByBob.watch(bob)
  await alice.send(conversation, 'hello').done
  let fromCache = 0
  for (let round = 0; round < 25; round++) {
    for (let i = 0; i < 8; i++) await anything(random() < 0.5 ? alice : bob, conversation, random, 4 + round * 4)
    for (const parley of [alice, bob]) {
      const { seq } = await parley.call('get', { conversation })
      await eventually(() => (parley === alice ? seenByAlice : seenByBob).numbers(conversation).at(-1) === seq)
      const limit = 1 + Math.floor(random() * 90)
      const before = random() < 0.3 ? Math.max(2, seq - Math.floor(random() * 30)) : undefined
      const cached: HistoryPage = await parley.history(conversation, { limit, before })
      const fresh = await parley.history(conversation, { limit, before, fresh: true })
      if (cached.cached) fromCache++
      expect(cached.events, `seed ${seed}, round ${round}, ${parley.user}`).toEqual(fresh.events)
      if (cached.cached && !cached.more) expect(fresh.more).toBe(false)
    }
  }
  expect(fromCache).toBeGreaterThan(15)
  for (const parley of [alice, bob]) {
    const { items } = await parley.call('list', {})
    // Where only the server knows, it is asked a moment later.
    await vi.waitFor(() => expect(parley.conversations(), `seed ${seed}`).toEqual(
      items.map((item) => expect.objectContaining({ ...item }) as unknown)), 5000)
  }
})

test('the list has what comes, goes and is put away', async () => {
  const [carol, dave] = [await open('carol'), await open('dave')]
  await Promise.all([carol.ready(), dave.ready()])
  const made = []
  for (const title of ['one', 'two', 'three']) made.push((await carol.call('create', { kind: 'group', title, members: ['dave'] })).conversation)
  const titles = () => dave.conversations().map((item) => item.title)
  await eventually(() => titles().join() === 'three,two,one')
  await carol.send(made[0]!, 'up').done
  await eventually(() => titles().join() === 'one,three,two')
  await dave.call('set', { conversation: made[1]!, archived: true })
  await eventually(() => titles().join() === 'one,three')
  await carol.send(made[1]!, 'back').done
  await eventually(() => titles().join() === 'two,one,three')
  await carol.call('update', { conversation: made[2]!, title: 'drei' })
  await eventually(() => titles().join() === 'drei,two,one')
  await carol.call('remove', { conversation: made[0]!, user: 'dave' })
  await carol.call('delete', { conversation: made[1]! })
  await eventually(() => titles().join() === 'drei')
  await expect(dave.history(made[0]!)).rejects.toMatchObject({ code: 'not_found' })
})
