// Webhooks as their receivers verify them: with the library of the specification's authors.
import { createServer } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { Client, done, require, run, within } from './support.mjs'

const OLD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const NEW = `whsec_${Buffer.alloc(64, 'n').toString('base64')}`
const MESSAGES = 20

/** Verifies what comes; `all` settles once so many events have come, or something was wrong. */
async function receiver(count) {
  const bodies = []
  let settle
  const all = new Promise((resolve, reject) => { settle = { resolve, reject } })
  const server = createServer((request, response) => {
    const parts = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      try {
        const raw = Buffer.concat(parts).toString()
        for (const secret of [OLD, NEW]) bodies.push(new Webhook(secret).verify(raw, request.headers))
        if (bodies.length === 2 * count) settle.resolve(bodies)
      } catch (fault) {
        settle.reject(fault)
      }
      response.writeHead(200).end()
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, all, url: `http://127.0.0.1:${server.address().port}/` }
}

const told = await receiver(MESSAGES)
const pushed = await receiver(1)
const folder = await mkdtemp(join(tmpdir(), 'parley-webhooks-'))
const file = join(folder, 'webhooks.json')
await writeFile(file, JSON.stringify([
  { id: 'node', url: told.url, secrets: [NEW, OLD], events: ['message.created'], conversations: ['direct'] },
  { id: 'push', url: pushed.url, secrets: [NEW, OLD], events: ['notification.created'] },
]))

await run(async (server) => {
  const alice = await Client.open(server, await server.token('alice'), 'msgpack')
  const made = await alice.ask('create', { kind: 'direct', with: 'bob' })
  for (let i = 0; i < MESSAGES; i += 1) {
    await alice.ask('send', { conversation: made.conversation, client_id: `m${i}`, body: `\u2028 "${i}" 👋🏽 \\` })
  }
  const bodies = await within(told.all, 'verified webhooks')
  const numbers = bodies.filter((_, i) => i % 2 === 0).map((each) => each.data.seq)
  require(numbers.join() === Array.from({ length: MESSAGES }, (_, i) => i + 2).join(), 'all, in order', numbers)
  require(bodies[0].data.body === '\u2028 "0" 👋🏽 \\', 'the body as it was sent', bodies[0])
  const [wake] = await within(pushed.all, 'a verified notification')
  require(wake.type === 'notification.created' && wake.data.user === 'bob', 'whom to wake', wake)
  require(wake.data.conversation === made.conversation && wake.data.unread >= 1, 'and of what', wake)
  await alice.close()
  done('webhooks that the specification\'s own library verifies, by either of two secrets', bodies.length)
}, '--webhooks', file, '--webhooks-private', '--notify-after', '1s')
  .finally(async () => {
    for (const each of [told, pushed]) {
      each.server.closeAllConnections()
      each.server.close()
    }
    await rm(folder, { recursive: true, force: true })
  })
