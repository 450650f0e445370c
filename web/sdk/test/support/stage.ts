// A real server, a proxy in front of it, and two users: one beside the proxy, one behind it and watched.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import WebSocket from 'ws'
import { CODECS } from '../../src/codec.js'
import { connect, type Envelope, type Options, type Parley } from '../../src/node.js'
import { socketsOf, type OpenSocket, type WebSocketClass } from '../../src/socket.js'
import { FastClock } from './clocks.js'
import { eventually, Witness } from './oracle.js'
import { Proxy } from './proxy.js'
import { Server } from './server.js'

/** What a test works with; there is a new proxy for each. */
export class Stage {
  server!: Server
  proxy!: Proxy
  #opened: Parley[] = []
  #number = 0

  constructor() {
    beforeAll(async () => { this.server = await Server.start() })
    afterAll(() => this.server.clean())
    beforeEach(async () => {
      this.proxy = await Proxy.start(() => this.server.port)
      this.#number++
    })
    afterEach(async () => {
      await Promise.all(this.#opened.splice(0).map((parley) => parley.close()))
      await this.proxy.close()
    })
  }

  async open(name: string, more: Partial<Options> = {}): Promise<Parley> {
    const user = `${name}-${this.#number}`
    const parley = await connect({ url: this.server.url, user, token: () => this.server.token(user), store: 'memory', ...more })
    this.#opened.push(parley)
    return parley
  }

  /** Alice, directly at the server, and bob, behind the proxy and being watched, in one group. */
  async pair(more: Partial<Options> = {}): Promise<{ alice: Parley; bob: Parley; seen: Witness; room: string }> {
    const seen = new Witness()
    const bob = seen.watch(await this.open('bob', { url: this.proxy.url, clock: new FastClock(10), ...more }))
    const alice = await this.open('alice')
    await Promise.all([alice.ready(), bob.ready()])
    const { conversation: room } = await alice.call('create', { kind: 'group', members: [bob.user] })
    await eventually(() => seen.numbers(room).length === 1)
    return { alice, bob, seen, room }
  }
}

export async function post(parley: Parley, room: string, count: number, tag: string): Promise<void> {
  for (let at = 0; at < count; at += 200) {
    await Promise.all(Array.from({ length: Math.min(200, count - at) }, (_, i) =>
      parley.call('send', { conversation: room, client_id: `${tag}-${at + i}`, body: `${tag} ${at + i}` })))
  }
}

/** Sockets to an address, whatever address is asked for. */
export function around(address: string): OpenSocket {
  return (_, ...rest) => socketsOf(WebSocket as unknown as WebSocketClass)(address, ...rest)
}

/** Sockets that note what they receive. */
export function overheard(received: Envelope[]): OpenSocket {
  return (url, subprotocol, events) => socketsOf(WebSocket as unknown as WebSocketClass)(url, subprotocol, {
    ...events,
    message: (data) => {
      received.push(...CODECS.msgpack.decode(data))
      events.message(data)
    },
  })
}
