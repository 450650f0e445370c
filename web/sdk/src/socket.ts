// The edge: one WebSocket, the browser's or a package's.
import type { Wire } from './codec.js'

/** What is heard of a socket. After `closed` nothing more is. */
export interface SocketEvents {
  opened(): void
  message(data: unknown): void
  closed(code: number): void
}

export interface Socket {
  send(data: Wire): void
  close(code: number): void
}

export type OpenSocket = (url: string, subprotocol: string, events: SocketEvents) => Socket

/** As much of the WebSocket interface as is used; the browser's and that of `ws` both have it. */
export interface WebSocketLike {
  binaryType: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: unknown } & never) => void) | null
  onclose: ((event: { code: number } & never) => void) | null
  onerror: ((event: never) => void) | null
  send(data: Wire): void
  close(code?: number): void
}

export type WebSocketClass = new (url: string, protocols: string[]) => object

/** Sockets of this class. One that is closed from here is forgotten at once: a dead peer would not answer. */
export function socketsOf(kind: WebSocketClass): OpenSocket {
  return (url, subprotocol, events) => {
    const socket = new kind(url, [subprotocol]) as WebSocketLike
    let over = false
    const end = (code: number) => {
      if (over) return
      over = true
      events.closed(code)
    }
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => { if (!over) events.opened() }
    socket.onmessage = (event: { data: unknown }) => { if (!over) events.message(event.data) }
    socket.onclose = (event: { code: number }) => end(event.code)
    socket.onerror = () => {} // `close` follows
    return {
      send(data) { if (!over) socket.send(data) },
      close(code) {
        socket.close(code)
        end(code)
      },
    }
  }
}
