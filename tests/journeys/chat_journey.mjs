// Two people chat from Node, in both encodings: another implementation of the client side agrees.
import { Client, done, require, run } from './support.mjs'

function sameKeys(envelope, ...keys) {
  const found = Object.keys(envelope).sort().join()
  require(found === ['type', ...keys].sort().join(), `the keys of ${envelope.type}`, envelope)
}

function numbers(events) {
  return events.map((event) => event.seq)
}

async function meet(alice, bob, names) {
  const made = await alice.ask('create', { kind: 'direct', with: names.bob })
  require(made.type === 'conversation' && made.kind === 'direct' && made.seq === 1, 'the answer to create', made)
  for (const client of [alice, bob]) {
    const told = await client.expect({ type: 'conversation', conversation: made.conversation })
    require(told.ref === undefined, 'an event has no ref', told)
    const joined = await client.expect({ type: 'joined', conversation: made.conversation })
    sameKeys(joined, 'conversation', 'seq', 'at', 'users', 'by')
    require(joined.seq === 1 && joined.users.length === 2, 'the first event names both', joined)
  }
  const again = await bob.ask('create', { kind: 'direct', with: names.alice })
  require(again.conversation === made.conversation, 'one conversation for the pair', again)
  return made.conversation
}

async function talk(alice, bob, conversation) {
  const bodies = ['hello', 'שלום', '你好 👋🏽', 'line\nbreak\t"quotes" \\ / \u2028', '𝒳'.repeat(4096), '{}']
  for (const [index, body] of bodies.entries()) {
    const [from, to] = index % 2 ? [bob, alice] : [alice, bob]
    const sent = await from.ask('send', { conversation, client_id: `m${index}`, body })
    sameKeys(sent, 'ref', 'conversation', 'client_id', 'seq', 'at')
    require(sent.seq === index + 2, 'numbers are contiguous', sent)
    for (const client of [from, to]) {
      const event = await client.expect({ type: 'message', conversation, seq: sent.seq })
      sameKeys(event, 'conversation', 'seq', 'at', 'from', 'client_id', 'body')
      require(event.body === body && event.from === from.welcome.user && event.at === sent.at, 'the message', event)
    }
    const retried = await from.ask('send', { conversation, client_id: `m${index}`, body })
    require(retried.seq === sent.seq && retried.at === sent.at, 'a retry gets the first answer', retried)
  }
  require((await alice.refusal('send', { conversation, client_id: 'm0', body: 'else' })) === 'conflict', 'a conflict')
  return bodies.length
}

async function readBack(alice, conversation, count) {
  const page = await alice.ask('history', { conversation, limit: 3 })
  sameKeys(page, 'ref', 'conversation', 'events', 'first', 'last', 'more')
  require(numbers(page.events).join() === [count - 1, count, count + 1].join() && page.more, 'the newest page', page)
  const all = await alice.ask('sync', { conversation, after: 0 })
  require(all.events.length === count + 1 && !all.more, 'sync gives every event', all)
  const list = await alice.ask('list')
  sameKeys(list, 'ref', 'items')
  const item = list.items.find((each) => each.conversation === conversation)
  require(item.last.seq === count + 1 && item.seq === count + 1, 'the list has the last message', item)
}

async function keepGroup(alice, bob, names) {
  const made = await alice.ask('create', { kind: 'group', title: 'Trio', members: [names.bob], client_id: 'trio' })
  const { conversation } = made
  const again = await alice.ask('create', { kind: 'group', title: 'Trio', members: [names.bob], client_id: 'trio' })
  require(again.conversation === conversation, 'a retried create makes nothing new', again)
  const added = await bob.ask('add', { conversation, users: [names.carol] })
  sameKeys(added, 'ref', 'seq')
  const members = await alice.ask('members', { conversation })
  require(members.items.map(({ user }) => user).sort().join() === Object.values(names).sort().join(), 'members', members)
  require((await bob.refusal('remove', { conversation, user: names.carol })) === 'forbidden', 'members remove nobody')
  await alice.ask('remove', { conversation, user: names.carol })
  await bob.ask('leave', { conversation })
  for (const user of [names.carol, names.bob]) {
    const left = await bob.expect({ type: 'left', conversation, user })
    sameKeys(left, 'conversation', 'seq', 'at', 'user', 'by')
  }
  require((await bob.refusal('get', { conversation })) === 'not_found', 'an ex-member is a stranger')
}

/** A dropped client goes on from its cursor, with nothing missing and nothing twice. */
async function resume(server, alice, bob, token, encoding, conversation) {
  const { cursor } = await bob.expect({ type: 'checkpoint' })
  await bob.drop()
  const missed = []
  for (let i = 0; i < 20; i += 1) {
    missed.push((await alice.ask('send', { conversation, client_id: `away${i}`, body: `away ${i}` })).seq)
  }
  const back = await Client.open(server, token, encoding, { since: cursor })
  await back.expect({ type: 'synced' })
  const events = numbers(back.seen.filter((each) => each.type === 'message' && each.conversation === conversation))
  require(events.slice(-20).join() === missed.join(), 'everything missed, once and in order', events)
  require(new Set(events).size === events.length, 'nothing twice', events)
  await back.close()
}

async function round(server, first, second) {
  const tag = `${first}-${second}`
  const names = { alice: `alice-${tag}`, bob: `bob-${tag}`, carol: `carol-${tag}` }
  const tokens = { alice: await server.token(names.alice), bob: await server.token(names.bob) }
  const alice = await Client.open(server, tokens.alice, first)
  const bob = await Client.open(server, tokens.bob, second)
  const conversation = await meet(alice, bob, names)
  const sent = await talk(alice, bob, conversation)
  await readBack(alice, conversation, sent)
  await keepGroup(alice, bob, names)
  const batch = Array.from({ length: 40 }, (_, i) => ({ type: 'ping', ref: `p${i}` }))
  const pongs = await alice.answers(batch)
  require(pongs.every((pong, i) => pong.type === 'pong' && pong.ref === `p${i}`), 'a batch is answered in order')
  await resume(server, alice, bob, tokens.bob, second, conversation)
  require((await alice.close()) === 1000, 'a closing handshake')
  done(`a chat from Node, ${first} with ${second}`, alice.seen.length)
}

await run(async (server) => {
  for (const first of ['msgpack', 'json']) for (const second of ['msgpack', 'json']) await round(server, first, second)
})
