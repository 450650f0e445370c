// Says what npm's MessagePack makes of documents: a document in hexadecimal digits a line in, its value a line out.
import { createInterface } from 'node:readline'
import { decode } from '@msgpack/msgpack'

const hex = (text) => Buffer.from(text).toString('hex')

/** A number by its value: a whole one in digits, however it was written, another one by its bits. */
function number(value) {
  if (typeof value === 'bigint' || Number.isInteger(value)) return String(BigInt(value))
  const bits = Buffer.alloc(8)
  bits.writeDoubleBE(value)
  return `d${bits.toString('hex')}`
}

/** One text for each value, whatever the order of keys. */
function plain(value) {
  if (Array.isArray(value)) return `[${value.map(plain).join()}]`
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return `"${hex(value)}"`
  if (typeof value !== 'object') return number(value)
  return `{${Object.entries(value).map(([name, each]) => `"${hex(name)}":${plain(each)}`).sort().join()}}`
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(plain(decode(Buffer.from(line, 'hex'), { useBigInt64: true })))
  } catch (fault) {
    console.log(`refused: ${fault.message}`)
  }
}
