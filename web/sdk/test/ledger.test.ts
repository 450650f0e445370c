// Events are released once, in order, and none is left out; a cursor covers only what was released.
import { describe, expect, test } from 'vitest'
import type { NumberedEvent } from '../src/index.js'
import { Ledger, MOST_HELD, type Released } from '../src/ledger.js'
import { dice, seedOf } from './support/clocks.js'

const message = (seq: number, conversation = 'c'): NumberedEvent =>
  ({ type: 'message', conversation, seq, at: seq, from: 'alice', client_id: `${seq}`, body: `${seq}` })
const left = (seq: number, user = 'bob'): NumberedEvent => ({ type: 'left', conversation: 'c', seq, at: seq, user, by: user })
const joined = (seq: number): NumberedEvent =>
  ({ type: 'joined', conversation: 'c', seq, at: seq, users: [{ user: 'bob', role: 'member' }], by: 'alice' })
const numbers = (released: Released[]) => released.map((each) => each.type === 'missed' ? `${each.from}-${each.to} missed` : each.seq)
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i))

describe('a ledger', () => {
  test('begins anywhere, and releases what is next', () => {
    const ledger = new Ledger('bob')
    expect(numbers([...ledger.take(message(7)), ...ledger.take(message(8)), ...ledger.take(message(8)), ...ledger.take(message(3))])).toEqual([7, 8])
    expect(ledger.pulls()).toEqual([])
  })

  test('holds what comes too early and pulls what is between', () => {
    const ledger = new Ledger('bob')
    ledger.take(message(1))
    expect(ledger.take(message(5))).toEqual([])
    expect(ledger.take(message(6))).toEqual([])
    expect(ledger.pulls()).toEqual([{ conversation: 'c', after: 1 }])
    expect(ledger.pulls()).toEqual([])
    expect(numbers(ledger.page('c', range(2, 3), true))).toEqual([2, 3])
    expect(ledger.pulls()).toEqual([{ conversation: 'c', after: 3 }])
    expect(numbers(ledger.page('c', range(4, 5), true))).toEqual([4, 5, 6])
    expect(ledger.pulls()).toEqual([])
  })

  test('pulls a gap before what follows it, and one that it knows all the same', () => {
    const ledger = new Ledger('bob')
    ledger.restore('c', 10, false)
    ledger.gap('c', 11, 20)
    expect(ledger.take(message(21))).toEqual([])
    expect(ledger.pulls()).toEqual([{ conversation: 'c', after: 10 }])
    expect(numbers(ledger.page('c', range(11, 22), false))).toEqual(range(11, 22).map((each) => each.seq))
    ledger.gap('d', 5, 6)
    ledger.take(message(7, 'd'))
    ledger.restore('e', 1, false)
    ledger.gap('e', 5, 6) // what is missing in front of it is pulled with it
    expect(ledger.pulls()).toEqual([{ conversation: 'd', after: 4 }, { conversation: 'e', after: 1 }])
    ledger.cut()
    ledger.gap('c', 5, 8)
    expect(numbers(ledger.take(message(23)))).toEqual([23])
    expect(ledger.pulls()).toEqual([{ conversation: 'c', after: 4 }])
    expect(ledger.page('c', range(5, 8), true)).toEqual([])
    expect(ledger.pulls()).toEqual([])
  })

  test('believes a cursor once nothing is open', () => {
    const ledger = new Ledger('bob', 'old')
    ledger.take(message(1))
    ledger.checkpoint('at 1')
    expect(ledger.cursor).toBe('at 1')
    ledger.gap('c', 2, 3)
    ledger.take(message(4))
    ledger.checkpoint('at 4')
    expect(ledger.cursor).toBe('at 1')
    ledger.pulls()
    ledger.page('c', range(2, 3), false)
    expect(ledger.cursor).toBe('at 4')
    ledger.gap('c', 5, 6)
    ledger.checkpoint('at 6')
    ledger.cut()
    expect(ledger.cursor).toBe('at 4')
    ledger.checkpoint('later')
    expect(ledger.cursor).toBe('later')
  })

  test('says what cannot be had', () => {
    const ledger = new Ledger('bob')
    ledger.restore('c', 1, false)
    ledger.gap('c', 2, 9)
    ledger.take(left(10))
    expect(numbers(ledger.refused('c'))).toEqual(['2-9 missed', 10])
    ledger.restore('d', 1, false)
    ledger.gap('d', 2, 9)
    expect(numbers(ledger.page('d', [message(8, 'd')], false))).toEqual(['2-7 missed', 8, '9-9 missed'])
    expect(numbers(ledger.take(message(10, 'd')))).toEqual([10])
  })

  test('expects nothing of the time in which its user was no member', () => {
    const ledger = new Ledger('bob')
    expect(numbers([...ledger.take(message(1)), ...ledger.take(left(2)), ...ledger.take(joined(7)), ...ledger.take(message(8))])).toEqual([1, 2, 7, 8])
    expect(ledger.take(left(2))).toEqual([])
    expect(numbers(ledger.take(left(9, 'alice')))).toEqual([9])
    ledger.take(message(12))
    expect(ledger.pulls()).toEqual([{ conversation: 'c', after: 9 }])
    expect(numbers(ledger.page('c', [left(10), joined(15), message(16)], false))).toEqual([10, 15, 16])
  })

  test('lets go of what fell out', () => {
    const ledger = new Ledger('bob')
    ledger.restore('c', 5, false)
    ledger.gap('c', 6, 40)
    ledger.take(message(41))
    expect(numbers(ledger.trimmed('c', 41))).toEqual([41])
    expect(ledger.pulls()).toEqual([])
    expect(ledger.trimmed('unknown', 3)).toEqual([])
  })

  test('holds no more than it may: the rest is pulled', () => {
    const ledger = new Ledger('bob')
    ledger.restore('c', 0, false)
    ledger.gap('c', 1, 10)
    for (const event of range(11, 11 + MOST_HELD + 5)) ledger.take(event)
    const [pull] = ledger.pulls()
    const all = [...ledger.page('c', range(pull!.after + 1, MOST_HELD + 11), true)]
    for (const more of ledger.pulls()) all.push(...ledger.page('c', range(more.after + 1, MOST_HELD + 16), false))
    expect(numbers(all)).toEqual(range(1, MOST_HELD + 16).map((each) => each.seq))
  })
})

/** A server that leaves out, repeats and cuts off at random, and a client that follows it. */
function story(seed: number): { released: number[]; last: number; uncovered: string[] } {
  const random = dice(seed)
  const upTo = (most: number) => 1 + Math.floor(random() * most)
  const ledger = new Ledger('bob', '0')
  ledger.restore('c', 0, false)
  const released: number[] = []
  const uncovered: string[] = []
  const note = (events: Released[]) => {
    for (const event of events) released.push(event.type === 'missed' ? -1 : event.seq)
    if (Number(ledger.cursor) > (released.at(-1) ?? 0)) uncovered.push(`${ledger.cursor} at ${released.at(-1)}`)
  }
  let pulls: { after: number }[] = []
  const answer = (last: number) => {
    const pull = pulls.shift()
    if (!pull) return
    const to = Math.min(last, pull.after + upTo(6))
    note(ledger.page('c', range(pull.after + 1, to), to < last))
  }
  let last = 0
  let at = 0 // what was sent on this connection
  for (let step = 0; step < 300; step++) {
    last += upTo(3)
    const dart = random()
    if (dart < 0.1) {
      ledger.cut()
      pulls = []
      at = Number(ledger.cursor)
      const newest = Math.max(at, last - 5)
      if (newest > at) ledger.gap('c', at + 1, newest)
      at = newest
    } else if (dart < 0.3 && at < last - 1) {
      const to = at + upTo(last - at - 1)
      ledger.gap('c', at + 1, to)
      at = to
    }
    while (at < last && random() < 0.8) note(ledger.take(message(++at)))
    pulls.push(...ledger.pulls())
    if (random() < 0.5) answer(last)
    pulls.push(...ledger.pulls())
    if (random() < 0.3) ledger.checkpoint(`${at}`)
    note([])
  }
  while (at < last) note(ledger.take(message(++at)))
  for (pulls.push(...ledger.pulls()); pulls.length; pulls.push(...ledger.pulls())) answer(last)
  return { released, last, uncovered }
}

test('whatever is left out, repeated and cut off: each number once, in order', () => {
  const first = seedOf()
  for (let seed = first; seed < first + 300; seed++) {
    const { released, last, uncovered } = story(seed)
    expect(released, `seed ${seed}`).toEqual(Array.from({ length: last }, (_, i) => i + 1))
    expect(uncovered, `seed ${seed}`).toEqual([])
  }
})
