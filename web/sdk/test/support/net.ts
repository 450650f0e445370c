// Sockets that are no sockets: a test plays the server.
import { CODECS } from '../../src/codec.js'
import type { Envelope, Welcome } from '../../src/index.js'
import type { OpenSocket, SocketEvents } from '../../src/socket.js'

export class FakeSocket {
  readonly sent: Envelope[] = []
  readonly events: SocketEvents
  over = false

  constructor(events: SocketEvents) {
    this.events = events
  }

  /** The upgrade succeeds. */
  accept(): void {
    this.events.opened()
  }

  /** The server says these, in one message. */
  say(...envelopes: Envelope[]): void {
    this.events.message(envelopes.map((each) => JSON.stringify(each)).join('\n'))
  }

  /** The connection ends. */
  end(code: number): void {
    if (this.over) return
    this.over = true
    this.events.closed(code)
  }

  /** Accepts, and welcomes whoever says hello. */
  welcome(more: Partial<Welcome> = {}): void {
    this.accept()
    this.say({ ...welcomeOf('bob'), ref: 'hello', ...more } as unknown as Envelope)
  }

  /** Answers the newest command of this type. */
  answer(type: string, answer: Envelope): void {
    const command = this.sent.findLast((each) => each.type === type)
    if (!command) throw new Error(`nobody said ${type}: ${JSON.stringify(this.sent)}`)
    this.say({ ...answer, ref: command.ref })
  }

  types(): string[] {
    return this.sent.map((each) => each.type)
  }
}

export class FakeNet {
  readonly sockets: FakeSocket[] = []

  readonly open: OpenSocket = (_url, _subprotocol, events) => {
    const socket = new FakeSocket(events)
    this.sockets.push(socket)
    return {
      send: (data) => { socket.sent.push(...CODECS.json.decode(data)) },
      close: () => socket.end(1005),
    }
  }

  /** The newest one. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('nobody connects')
    return socket
  }
}

export function welcomeOf(user: string): Welcome {
  return {
    type: 'welcome', user, device: 'd', session: '0-1', server: { name: 'parley', version: '0', durability: 'local-fsync' },
    limits: { frame_bytes: 65536, page: 100 } as Welcome['limits'], ping_ms: 30_000, epoch: 'e', cursor: 'c0',
  }
}
