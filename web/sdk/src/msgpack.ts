// MessagePack, as much of it as the protocol speaks: nil, booleans, numbers, text, binary, lists and maps.
//
// @msgpack/msgpack refuses a map with the key `__proto__`, so whoever puts such an emoji on a message would make
// every page that has it unreadable for it. Here such a key is a key like any other.

const textEncoder = new TextEncoder()
const textDecoder = new TextDecoder('utf-8', { fatal: true })
const DEEPEST = 64

/** Bytes that grow; `undefined` in a map is left out. */
class Writer {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  value(value: unknown, depth = 0): void {
    if (depth > DEEPEST) throw new TypeError('nested too deeply for MessagePack')
    if (value === null || value === undefined) this.#byte(0xc0)
    else if (value === false) this.#byte(0xc2)
    else if (value === true) this.#byte(0xc3)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'string') this.#text(value)
    else if (value instanceof Uint8Array) this.#binary(value)
    else if (Array.isArray(value)) {
      this.#head(value.length, 0x90, 16, 0xdc)
      for (const each of value) this.value(each, depth + 1)
    } else if (typeof value === 'object') {
      const entries = Object.entries(value).filter(([, each]) => each !== undefined)
      this.#head(entries.length, 0x80, 16, 0xde)
      for (const [key, each] of entries) {
        this.#text(key)
        this.value(each, depth + 1)
      }
    } else throw new TypeError(`${typeof value} cannot travel`)
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return this.#sized(0xcb, 8, (at) => this.#view.setFloat64(at, value))
    if (value >= 0) {
      if (value < 0x80) return this.#byte(value)
      if (value < 0x100) return this.#sized(0xcc, 1, (at) => this.#view.setUint8(at, value))
      if (value < 0x10000) return this.#sized(0xcd, 2, (at) => this.#view.setUint16(at, value))
      if (value < 0x100000000) return this.#sized(0xce, 4, (at) => this.#view.setUint32(at, value))
      return this.#sized(0xcf, 8, (at) => this.#view.setBigUint64(at, BigInt(value)))
    }
    if (value >= -0x20) return this.#byte(value & 0xff)
    if (value >= -0x80) return this.#sized(0xd0, 1, (at) => this.#view.setInt8(at, value))
    if (value >= -0x8000) return this.#sized(0xd1, 2, (at) => this.#view.setInt16(at, value))
    if (value >= -0x80000000) return this.#sized(0xd2, 4, (at) => this.#view.setInt32(at, value))
    return this.#sized(0xd3, 8, (at) => this.#view.setBigInt64(at, BigInt(value)))
  }

  #text(value: string): void {
    const bytes = textEncoder.encode(value)
    if (bytes.length > 31 && bytes.length < 0x100) this.#sized(0xd9, 1, (at) => this.#view.setUint8(at, bytes.length))
    else this.#head(bytes.length, 0xa0, 32, 0xda)
    this.#append(bytes)
  }

  #binary(bytes: Uint8Array): void {
    if (bytes.length < 0x100) this.#sized(0xc4, 1, (at) => this.#view.setUint8(at, bytes.length))
    else this.#head(bytes.length, 0, 0, 0xc5)
    this.#append(bytes)
  }

  /** A length in the first byte, or behind one of two marks in 2 or 4 bytes. */
  #head(length: number, small: number, smallBelow: number, mark: number): void {
    if (length < smallBelow) this.#byte(small | length)
    else if (length < 0x10000) this.#sized(mark, 2, (at) => this.#view.setUint16(at, length))
    else this.#sized(mark + 1, 4, (at) => this.#view.setUint32(at, length))
  }

  #byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#length++] = value
  }

  #sized(mark: number, size: number, put: (at: number) => void): void {
    this.#byte(mark)
    this.#room(size)
    put(this.#length)
    this.#length += size
  }

  #append(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

class Reader {
  #at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get more(): boolean {
    return this.#at < this.#bytes.length
  }

  value(depth = 0): unknown {
    if (depth > DEEPEST) throw new RangeError('nested too deeply')
    const mark = this.#take(1, (at) => this.#view.getUint8(at))
    if (mark < 0x80) return mark
    if (mark < 0x90) return this.#map(mark & 0x0f, depth)
    if (mark < 0xa0) return this.#list(mark & 0x0f, depth)
    if (mark < 0xc0) return this.#text(mark & 0x1f)
    if (mark >= 0xe0) return mark - 0x100
    switch (mark) {
      case 0xc0: return null
      case 0xc2: return false
      case 0xc3: return true
      case 0xc4: return this.#raw(this.#unsigned(1))
      case 0xc5: return this.#raw(this.#unsigned(2))
      case 0xc6: return this.#raw(this.#unsigned(4))
      case 0xca: return this.#take(4, (at) => this.#view.getFloat32(at))
      case 0xcb: return this.#take(8, (at) => this.#view.getFloat64(at))
      case 0xcc: return this.#unsigned(1)
      case 0xcd: return this.#unsigned(2)
      case 0xce: return this.#unsigned(4)
      case 0xcf: return this.#take(8, (at) => Number(this.#view.getBigUint64(at)))
      case 0xd0: return this.#take(1, (at) => this.#view.getInt8(at))
      case 0xd1: return this.#take(2, (at) => this.#view.getInt16(at))
      case 0xd2: return this.#take(4, (at) => this.#view.getInt32(at))
      case 0xd3: return this.#take(8, (at) => Number(this.#view.getBigInt64(at)))
      case 0xd9: return this.#text(this.#unsigned(1))
      case 0xda: return this.#text(this.#unsigned(2))
      case 0xdb: return this.#text(this.#unsigned(4))
      case 0xdc: return this.#list(this.#unsigned(2), depth)
      case 0xdd: return this.#list(this.#unsigned(4), depth)
      case 0xde: return this.#map(this.#unsigned(2), depth)
      case 0xdf: return this.#map(this.#unsigned(4), depth)
      default: throw new RangeError(`0x${mark.toString(16)} is not used in the protocol`)
    }
  }

  #unsigned(size: 1 | 2 | 4): number {
    return this.#take(size, (at) =>
      size === 1 ? this.#view.getUint8(at) : size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at))
  }

  /** A read beyond the end throws, by the view's own check. */
  #take(size: number, read: (at: number) => number): number {
    const value = read(this.#at)
    this.#at += size
    return value
  }

  #raw(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new RangeError('ends in the midst')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #text(length: number): string {
    return textDecoder.decode(this.#raw(length))
  }

  #list(length: number, depth: number): unknown[] {
    const list: unknown[] = []
    for (let i = 0; i < length; i++) list.push(this.value(depth + 1))
    return list
  }

  #map(length: number, depth: number): { [key: string]: unknown } {
    const map: { [key: string]: unknown } = {}
    for (let i = 0; i < length; i++) {
      const key = this.value(depth + 1)
      if (typeof key !== 'string') throw new RangeError('a key that is no text')
      const value = this.value(depth + 1)
      if (key !== '__proto__') map[key] = value
      else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
    }
    return map
  }
}

/** The value as bytes; `undefined` in maps is left out. */
export function pack(value: unknown): Uint8Array<ArrayBuffer> {
  const writer = new Writer()
  writer.value(value)
  return writer.written
}

/** All values that follow each other in the bytes; throws when they do not end with a whole one. */
export function unpack(bytes: Uint8Array): unknown[] {
  const reader = new Reader(bytes)
  const values: unknown[] = []
  while (reader.more) values.push(reader.value())
  return values
}
