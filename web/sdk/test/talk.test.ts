// Two people talk through a real server, in both encodings, with Node's `ws`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, ParleyError, type Parley } from '../src/node.js'
import { eventually, judge, Witness } from './support/oracle.js'
import { Server } from './support/server.js'

let server: Server
const opened: Parley[] = []

beforeAll(async () => { server = await Server.start() })
afterAll(async () => {
  await Promise.all(opened.map((parley) => parley.close()))
  await server.clean()
})

async function open(user: string, more: object = {}): Promise<Parley> {
  const parley = await connect({ url: server.url, token: () => server.token(user), store: 'memory', ...more })
  opened.push(parley)
  return parley
}

describe.each(['msgpack', 'json'] as const)('in %s', (encoding) => {
  const names = { alice: `alice-${encoding}`, bob: `bob-${encoding}` }

  test('both are told everything once and in order, and the cache says what history says', async () => {
    const [alice, bob] = await Promise.all([open(names.alice, { encoding }), open(names.bob, { encoding })])
    const seen = new Witness()
    seen.watch(bob)
    await Promise.all([alice.ready(), bob.ready()])
    const { conversation } = await alice.call('create', { kind: 'group', title: 'talk', members: [names.bob] })
    const states: string[] = []
    alice.on('sending', (sending) => states.push(sending.state))
    const first = alice.send(conversation, 'hello', { meta: { a: [1, -2, 2 ** 40, null, 'ü'] } })
    expect(first.state).toBe('pending')
    expect(alice.outbox()).toEqual([first])
    const { seq } = await first.done
    expect(states).toEqual(['pending', 'sent'])
    expect(alice.outbox()).toEqual([])
    await bob.call('react', { conversation, message: seq, emoji: 'constructor' })
    await bob.call('react', { conversation, message: seq, emoji: '👍' })
    await alice.call('react', { conversation, message: seq, emoji: '👍' })
    await alice.call('react', { conversation, message: seq, emoji: '👍', remove: true })
    const reply = await bob.send(conversation, 'x'.repeat(200), { reply_to: seq, mentions: [names.alice] }).done
    await bob.send(conversation, 'in a thread', { thread: seq }).done
    await alice.send(conversation, 'too', { thread: seq, reply_to: reply.seq }).done
    await alice.call('edit', { conversation, message: seq, body: 'hello, all' })
    const gone = await alice.send(conversation, 'never mind').done
    await bob.send(conversation, 'about that', { reply_to: gone.seq }).done
    await alice.call('delete', { conversation, message: gone.seq, for: 'everyone' })
    await alice.call('pin', { conversation, message: seq })
    await bob.call('read', { conversation, seq: reply.seq })
    await judge(seen, alice, conversation)

    const cached = await bob.history(conversation)
    const fresh = await bob.history(conversation, { fresh: true })
    expect(cached.events).toEqual(fresh.events)
    expect(cached.cached).toBe(false) // the cache does not know yet that this is all
    const again = await bob.history(conversation)
    expect([again.cached, again.more]).toEqual([true, false])
    expect(again.events).toEqual(fresh.events)
    const { items } = await bob.call('list', {})
    await eventually(() => bob.conversations()[0]?.unread === items[0]?.unread)
    expect(bob.conversations()).toEqual(items)
    expect(items[0]?.unread).toBe(1)
  })

  test('what is refused is an error with a code', async () => {
    const alice = await open(names.alice, { encoding })
    await expect(alice.call('get', { conversation: 'nowhere' })).rejects.toMatchObject({ name: 'ParleyError', code: 'not_found' })
    const refused = alice.send('nowhere', 'hello?')
    await expect(refused.done).rejects.toBeInstanceOf(ParleyError)
    expect([refused.state, refused.error?.code]).toEqual(['failed', 'not_found'])
    expect(alice.outbox()).toEqual([refused])
    await refused.discard()
    expect(alice.outbox()).toEqual([])
    const large = alice.send('nowhere', 'x'.repeat(70_000))
    await expect(large.done).rejects.toMatchObject({ code: 'too_large' })
  })
})

test('a file is uploaded, sent and fetched by its address', async () => {
  const alice = await open('alice-files')
  await alice.ready()
  const { conversation } = await alice.call('create', { kind: 'group', title: 'files' })
  const file = await alice.upload(new TextEncoder().encode('some bytes'), { name: 'a b+c.txt', type: 'text/plain' })
  expect(file).toMatchObject({ name: 'a b+c.txt', type: 'text/plain', size: 10 })
  await alice.send(conversation, '', { files: [file.file] }).done
  expect(await (await fetch(await alice.fileUrl(file.file))).text()).toBe('some bytes')
  await expect(alice.upload(new Uint8Array(1), { type: 'not a type' })).rejects.toMatchObject({ code: 'bad_request' })
})

test('a token that runs out is replaced before its end, and one that is no good ends it', async () => {
  let asked = 0
  const alice = await open('alice-tokens', { token: () => { asked++; return server.token('alice-tokens', '4s') } })
  const states: string[] = []
  alice.on('state', ({ state }) => states.push(state))
  await eventually(() => asked >= 2)
  await alice.call('ping')
  expect(states).not.toContain('offline')
  const wrong = await open('nobody', { token: () => 'no.token.atall', user: 'nobody' })
  await expect(wrong.ready()).rejects.toMatchObject({ code: 'unauthenticated' })
})
