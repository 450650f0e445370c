// What applications import in Node: the same, with the WebSocket of the package `ws` where Node has none, and with its
// randomness where Node keeps that in a module.
import { connect as connectWith, type Options } from './connect.js'
import type { Parley } from './parley.js'
import type { WebSocketClass } from './socket.js'

export * from './index.js'

export async function connect(options: Options): Promise<Parley> {
  globalThis.crypto ??= (await import('node:crypto')).webcrypto as Crypto // of Node 18
  const webSocket = options.webSocket ?? globalThis.WebSocket as WebSocketClass | undefined ?? (await import('ws')).WebSocket
  return connectWith({ ...options, webSocket })
}
