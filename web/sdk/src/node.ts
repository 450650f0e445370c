// What applications import in Node: the same, with the WebSocket of the package `ws` where Node has none.
import { connect as connectWith, type Options } from './connect.js'
import type { Parley } from './parley.js'
import type { WebSocketClass } from './socket.js'

export * from './index.js'

export async function connect(options: Options): Promise<Parley> {
  const webSocket = options.webSocket ?? globalThis.WebSocket as WebSocketClass | undefined ?? (await import('ws')).WebSocket
  return connectWith({ ...options, webSocket })
}
