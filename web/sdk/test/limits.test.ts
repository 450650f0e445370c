// A server that limits how much one user may do: what it refuses for the moment is sent again, and nothing overtakes it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Parley } from '../src/node.js'
import { judge, Witness } from './support/oracle.js'
import { Server } from './support/server.js'

let server: Server
const opened: Parley[] = []

beforeAll(async () => { server = await Server.start('--rate-limit', 'users') })
afterAll(async () => {
  await Promise.all(opened.map((parley) => parley.close()))
  await server.clean()
})

async function open(user: string): Promise<Parley> {
  const parley = await connect({ url: server.url, user, token: () => server.token(user), store: 'memory' })
  opened.push(parley)
  await parley.ready()
  return parley
}

/** Sends until something is refused; what was. */
async function exhaust(parley: Parley, conversation: string): Promise<{ code: string; retryAfterMs?: number }> {
  for (let round = 0; round < 30; round++) {
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, (_, i) =>
      parley.call('send', { conversation, client_id: `${round}-${i}`, body: 'much' })))
    const refused = outcomes.find((each) => each.status === 'rejected')
    if (refused) return refused.reason
  }
  throw new Error('nothing was refused')
}

test('a call says when it is worth trying again, and the outbox does', async () => {
  const [alice, bob] = [await open('alice'), await open('bob')]
  const seen = new Witness()
  seen.watch(bob)
  const { conversation } = await alice.call('create', { kind: 'group', members: ['bob'] })
  const waited = new Set<string>()
  alice.on('sending', ({ state, error }) => { if (state === 'pending' && error) waited.add(error.code) })

  const refused = await exhaust(alice, conversation)
  expect(refused.code).toBe('rate_limited')
  expect(refused.retryAfterMs).toBeGreaterThan(0)
  const bodies = Array.from({ length: 200 }, (_, i) => `kept ${i}`)
  await Promise.all(bodies.map((body) => alice.send(conversation, body).done))

  expect([...waited]).toEqual(['rate_limited'])
  expect(alice.outbox()).toEqual([])
  await judge(seen, bob, conversation)
  expect(seen.bodies(conversation).filter((body) => body !== 'much')).toEqual(bodies)
})
