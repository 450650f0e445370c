// Our MessagePack against @msgpack/msgpack, which nobody here wrote.
import { isDeepStrictEqual } from 'node:util'
import { decode, encode } from '@msgpack/msgpack'
import { describe, expect, test } from 'vitest'
import { bytesOf, CODECS } from '../src/codec.js'
import { pack, unpack } from '../src/msgpack.js'
import { dice, seedOf } from './support/clocks.js'

const EDGES = [
  0, 1, 127, 128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -32, -33, -128, -129, -32768, -32769,
  -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1, 0.5, -1e300, Infinity, null, true, false, '', 'ü', '𝒳', 'x'.repeat(31), 'x'.repeat(32),
  'x'.repeat(255), 'x'.repeat(256), 'x'.repeat(65535), 'x'.repeat(65536), [], {}, Array(15).fill(1), Array(16).fill(1),
  Array(65536).fill(0), Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`k${i}`, i])), new Uint8Array(3), new Uint8Array(300),
  new Uint8Array(70_000),
]

function anything(random: () => number, depth = 0): unknown {
  const kind = Math.floor(random() * (depth > 4 ? 4 : 6))
  if (kind < 2) return EDGES[Math.floor(random() * 33)]
  if (kind === 2) return Math.floor((random() - 0.5) * 2 ** (random() * 53))
  if (kind === 3) return String.fromCodePoint(...Array.from({ length: random() * 40 }, () => 32 + Math.floor(random() * 50_000)))
  const size = Math.floor(random() * 20)
  if (kind === 4) return Array.from({ length: size }, () => anything(random, depth + 1))
  return Object.fromEntries(Array.from({ length: size }, (_, i) => [`${i} ${'k'.repeat(random() * 40)}`, anything(random, depth + 1)]))
}

describe('MessagePack', () => {
  test('every edge is what the other one reads and writes', () => {
    for (const [i, value] of EDGES.entries()) {
      expect(Buffer.compare(pack(value), encode(value)), `edge ${i}`).toBe(0)
      expect(isDeepStrictEqual(unpack(pack(value)), [value]), `edge ${i}`).toBe(true)
    }
  })

  test('anything is', () => {
    const seed = seedOf()
    const random = dice(seed)
    for (let i = 0; i < 150; i++) {
      const value = anything(random)
      expect(isDeepStrictEqual(decode(pack(value)), value), `seed ${seed}`).toBe(true)
      expect(isDeepStrictEqual(unpack(encode(value)), [value]), `seed ${seed}`).toBe(true)
    }
  })

  test('32 bits of a fraction are read, too', () => {
    expect(unpack(encode(0.5, { forceFloat32: true }))).toEqual([0.5])
  })

  test('what is undefined in a map is left out', () => {
    expect(unpack(pack({ a: undefined, b: 1 }))).toEqual([{ b: 1 }])
  })

  test('a key may be __proto__, which changes no prototype', () => {
    const bytes = pack(JSON.parse('{"__proto__": {"count": 1}}'))
    expect(() => decode(bytes)).toThrow()
    const [map] = unpack(bytes) as [{ [key: string]: unknown }]
    expect(Object.entries(map)).toEqual([['__proto__', { count: 1 }]])
    expect(map.count).toBeUndefined()
  })

  test('any bytes are values or an error', () => {
    const random = dice(seedOf())
    const good = pack({ type: 'message', body: 'hello', list: [1, 2 ** 40, -5, null, 0.5] })
    for (let i = 0; i < 2000; i++) {
      const bytes = good.slice(0, 1 + Math.floor(random() * good.length))
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      try {
        unpack(bytes)
      } catch (fault) {
        expect(fault).toBeInstanceOf(Error)
      }
    }
    expect(() => unpack(good.slice(0, -1))).toThrow()
    expect(() => unpack(new Uint8Array(100).fill(0x91))).toThrow()
    expect(() => unpack(new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff]))).toThrow()
  })
})

describe.each(['msgpack', 'json'] as const)('envelopes in %s', (encoding) => {
  const codec = CODECS[encoding]

  test('come several in a message', () => {
    const one = codec.encode({ type: 'a', n: 1 })
    const two = codec.encode({ type: 'b', text: 'line\nbreak' })
    const both = typeof one === 'string' ? `${one}\n${String(two)}\n` : new Uint8Array([...one, ...(two as Uint8Array)]).buffer
    expect(codec.decode(both)).toEqual([{ type: 'a', n: 1 }, { type: 'b', text: 'line\nbreak' }])
    expect(bytesOf(one)).toBe(encoding === 'json' ? 18 : 11)
  })

  test('are of the right kind, and maps with a type', () => {
    expect(() => codec.decode(encoding === 'json' ? new ArrayBuffer(1) : '{}')).toThrow()
    expect(() => codec.decode(encoding === 'json' ? '[]' : new Uint8Array([0x90]).buffer)).toThrow()
    expect(() => codec.decode(encoding === 'json' ? '{"type":1}' : new Uint8Array([0x01]).buffer)).toThrow()
  })
})
