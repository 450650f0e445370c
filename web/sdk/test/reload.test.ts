// Tabs are reloaded and share a store, servers come back from a backup: what was kept and what is told fit together.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readKept } from '../src/cache.js'
import { connect, indexedDbStore, type NumberedEvent, type Options, type Parley } from '../src/node.js'
import { dice, FastClock, seedOf } from './support/clocks.js'
import { eventually, judge, pause, truth, Witness } from './support/oracle.js'
import { Proxy } from './support/proxy.js'
import { Server } from './support/server.js'
import { around } from './support/stage.js'
import { Browser, Tab } from './support/tabs.js'

let server: Server

beforeAll(async () => { server = await Server.start() })
afterAll(() => server.clean())

function options(user: string, more: Partial<Options> = {}): Options {
  return { url: server.url, user, token: () => server.token(user), clock: new FastClock(10), ...more }
}

async function room(alice: Parley, ...members: string[]): Promise<string> {
  return (await alice.call('create', { kind: 'group', members })).conversation
}

/** The last number that a store has of a conversation. */
async function lastKept(factory: IDBFactory, url: string, user: string, conversation: string): Promise<number | undefined> {
  const store = await indexedDbStore(factory)(`parley:${new URL(url).host}/v1/ws:${user}`)
  const { last } = await store.run((transaction) => readKept(transaction, conversation))
  store.close()
  return last
}

test('killed and opened again and again: what the cache has and what is told are the whole, without a repeat', async () => {
  const seed = seedOf()
  const random = dice(seed)
  const [browser, factory] = [new Browser(), new IDBFactory()]
  const alice = await connect(options('alice-1', { store: 'memory' }))
  const conversation = await room(alice, 'bob-1')
  const written: string[] = []
  let writing = true
  const writer = (async () => {
    for (let i = 0; writing; i++) {
      alice.send(conversation, `a ${i}`)
      await pause(4)
    }
  })()
  for (let life = 0; life < 12; life++) {
    const had = await lastKept(factory, server.url, 'bob-1', conversation)
    const told: NumberedEvent[] = []
    const tab = await Tab.open(browser, factory, options('bob-1'))
    const witness = new Witness()
    witness.watch(tab.parley)
    tab.parley.on('message', (event) => told.push(event))
    await pause(random() * 60)
    for (let i = 0; i < 3; i++) {
      written.push(`b ${life}.${i}`)
      tab.parley.send(conversation, `b ${life}.${i}`)
    }
    await pause(random() * 80)
    if (life % 3 === 0) await tab.parley.ready()
    tab.kill()
    const numbers = witness.numbers(conversation)
    expect(numbers, `seed ${seed}`).toEqual(numbers.map((_, i) => numbers[0]! + i))
    if (had !== undefined && numbers.length) expect(numbers[0], `seed ${seed}, life ${life}`).toBe(had + 1)
    await pause(20)
    const has = await lastKept(factory, server.url, 'bob-1', conversation)
    if (numbers.length) expect(has, `seed ${seed}, life ${life}`).toBeGreaterThanOrEqual(numbers.at(-1)!)
  }
  writing = false
  await writer
  const last = await Tab.open(browser, factory, options('bob-1'))
  await Promise.all([...last.parley.outbox(), ...alice.outbox()].map((each) => each.done))
  const all = await truth(alice, conversation)
  const bodies = all.flatMap((event) => event.type === 'message' && event.from === 'bob-1' ? [event.body] : [])
  expect(new Set(bodies).size, 'nothing twice').toBe(bodies.length)
  // What was written in the last moment before a kill may not have been kept; the rest is there, in order.
  expect(written.filter((body) => bodies.includes(body))).toEqual(bodies)
  expect(bodies.length).toBeGreaterThanOrEqual(written.length - 12 * 3)
  await eventually(async () => (await last.parley.history(conversation, { limit: 20 })).last === all.at(-1)!.seq)
  const cached = await last.parley.history(conversation, { limit: 60 })
  expect(cached.events).toEqual((await last.parley.history(conversation, { limit: 60, fresh: true })).events)
  last.kill()
  await alice.close()
})

test('without a connection there are the list, the messages and the outbox of before', async () => {
  const [browser, factory] = [new Browser(), new IDBFactory()]
  const proxy = await Proxy.start(() => server.port)
  const alice = await connect(options('alice-2', { store: 'memory' }))
  const conversation = await room(alice, 'bob-2')
  const first = await Tab.open(browser, factory, options('bob-2', { url: proxy.url }))
  await alice.send(conversation, 'one').done
  await alice.send(conversation, 'two').done
  await eventually(() => first.parley.conversations()[0]?.unread === 2)
  await first.parley.history(conversation)
  proxy.block()
  await eventually(() => first.parley.state.state !== 'online')
  const said = first.parley.send(conversation, 'written offline')
  await pause(50)
  first.kill()

  const second = await Tab.open(browser, factory, options('bob-2', { url: proxy.url, token: () => Promise.reject(new Error('no network')) }))
  const { parley } = second
  expect(parley.conversations()).toMatchObject([{ conversation, unread: 2, last: { body: 'two' } }])
  const page = await parley.history(conversation)
  expect([page.cached, page.events.map((event) => event.type)]).toEqual([true, ['joined', 'message', 'message']])
  expect(parley.outbox(conversation)).toMatchObject([{ body: 'written offline', state: 'pending', clientId: said.clientId }])
  expect(parley.device).toBe(first.parley.device)
  await eventually(() => parley.state.state === 'offline')
  expect(parley.state).toMatchObject({ error: { code: 'token' } })
  second.kill()

  proxy.unblock()
  const third = await Tab.open(browser, factory, options('bob-2', { url: proxy.url }))
  await Promise.all(third.parley.outbox().map((each) => each.done))
  expect((await truth(alice, conversation)).at(-1)).toMatchObject({ body: 'written offline', client_id: said.clientId, from: 'bob-2' })
  third.kill()
  await alice.close()
  await proxy.close()
})

test('two tabs share a store: both are told everything, and one sends what the other left', async () => {
  const [browser, factory] = [new Browser(), new IDBFactory()]
  const proxy = await Proxy.start(() => server.port)
  const alice = await connect(options('alice-3', { store: 'memory' }))
  const conversation = await room(alice, 'bob-3')
  // All of them mean the same server; the first one alone is cut off with the proxy.
  const direct = { url: proxy.url, openSocket: around(`${server.url}/v1/ws`) }
  const one = await Tab.open(browser, factory, options('bob-3', { url: proxy.url }))
  const two = await Tab.open(browser, factory, options('bob-3', direct))
  const [seenOne, seenTwo] = [new Witness(), new Witness()]
  seenOne.watch(one.parley)
  seenTwo.watch(two.parley)
  await Promise.all([one.parley.ready(), two.parley.ready()])
  const begun = 2
  for (let i = 0; i < 60; i++) {
    alice.send(conversation, `a ${i}`)
    one.parley.send(conversation, `one ${i}`)
    two.parley.send(conversation, `two ${i}`)
    await pause(2)
  }
  const all = [...alice.outbox(), ...one.parley.outbox(), ...two.parley.outbox()]
  await Promise.all(all.map((each) => each.done))
  await judge(seenOne, alice, conversation, begun)
  await judge(seenTwo, alice, conversation, begun)
  expect((await truth(alice, conversation)).length).toBe(181)
  await eventually(() => one.parley.conversations()[0]?.unread === 60)

  proxy.block()
  await eventually(() => one.parley.state.state !== 'online')
  one.parley.send(conversation, 'left behind')
  await pause(50)
  // As long as the tab lives, its messages are its own.
  await two.parley.close()
  const three = await Tab.open(browser, factory, options('bob-3', direct))
  await three.parley.ready()
  await pause(100)
  expect(three.parley.outbox()).toEqual([])
  one.kill()
  three.kill()
  const four = await Tab.open(browser, factory, options('bob-3', direct))
  expect(four.parley.outbox()).toMatchObject([{ body: 'left behind' }])
  await Promise.all(four.parley.outbox().map((each) => each.done))
  expect((await truth(alice, conversation)).at(-1)).toMatchObject({ body: 'left behind' })
  four.kill()
  await alice.close()
  await proxy.close()
})

test('a server from a backup: what was kept is void, and read anew', async () => {
  const origin = await Server.start()
  const [browser, factory] = [new Browser(), new IDBFactory()]
  const copy = join(await mkdtemp(join(tmpdir(), 'parley-sdk-copy-')), 'data')
  const tokens = { alice: await origin.token('alice'), bob: await origin.token('bob') }
  const of = (user: 'alice' | 'bob'): Options => ({ url: origin.url, user, token: () => tokens[user], clock: new FastClock(10) })
  const alice = await connect({ ...of('alice'), store: 'memory' })
  const conversation = await room(alice, 'bob')
  const tab = await Tab.open(browser, factory, of('bob'))
  const seen = new Witness()
  seen.watch(tab.parley)
  await tab.parley.ready()
  for (const body of ['one', 'two']) await alice.send(conversation, body).done
  await origin.tool('backup', '--data', origin.data, '--to', copy)
  for (const body of ['three', 'four', 'five']) await alice.send(conversation, body).done
  await eventually(() => seen.bodies(conversation).length === 5)
  await pause(200)
  await origin.kill()
  await rm(origin.data, { recursive: true })
  await cp(copy, origin.data, { recursive: true })
  await origin.start()
  await eventually(() => seen.resets.length === 1)
  await alice.ready()
  const told = seen.told.length
  for (const body of ['three, otherwise', 'four, otherwise']) await alice.send(conversation, body).done
  await eventually(() => seen.told.length === told + 2)
  expect(seen.numbers(conversation).slice(-2)).toEqual([4, 5])
  await eventually(() => tab.parley.conversations()[0]?.last?.body === 'four, otherwise')
  const bodies = (await tab.parley.history(conversation)).events.map((event) => event.type === 'message' ? event.body : event.type)
  expect(bodies).toEqual(['joined', 'one', 'two', 'three, otherwise', 'four, otherwise'])
  expect(tab.parley.conversations()[0]?.unread).toBe(4)
  tab.kill()
  await alice.close()
  await origin.clean()
})
