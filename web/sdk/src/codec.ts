// Both encodings of the protocol: envelopes to WebSocket messages and back.
import { pack, unpack } from './msgpack.js'
import type { Envelope } from './shapes.js'

export type Encoding = 'msgpack' | 'json'
export type Wire = string | Uint8Array<ArrayBuffer>

export interface Codec {
  readonly subprotocol: string
  encode(envelope: Envelope): Wire
  /** The envelopes of one message; throws when it cannot be read. */
  decode(message: unknown): Envelope[]
}

const msgpack: Codec = {
  subprotocol: 'parley.v1.msgpack',
  encode: pack,
  decode(message) {
    if (!(message instanceof ArrayBuffer)) throw new TypeError('MessagePack travels in binary messages')
    return unpack(new Uint8Array(message)).map(asEnvelope)
  },
}

const json: Codec = {
  subprotocol: 'parley.v1.json',
  encode: (envelope) => JSON.stringify(envelope),
  decode(message) {
    if (typeof message !== 'string') throw new TypeError('JSON travels in text messages')
    return message.split('\n').filter((line) => line.trim()).map((line) => asEnvelope(JSON.parse(line)))
  },
}

export const CODECS: { readonly [encoding in Encoding]: Codec } = { msgpack, json }

/** What an encoded envelope weighs on the wire. */
export function bytesOf(wire: Wire): number {
  return typeof wire === 'string' ? new TextEncoder().encode(wire).length : wire.length
}

function asEnvelope(value: unknown): Envelope {
  if (typeof value !== 'object' || value === null || typeof (value as Envelope).type !== 'string') {
    throw new TypeError('an envelope is a map with a type')
  }
  return value as Envelope
}
