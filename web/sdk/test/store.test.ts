// Both stores do the same; and what is cached of messages follows what is said of them.
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import { Inbox } from '../src/inbox.js'
import { indexedDbStore, MemoryStore, type Key, type Store, type Transaction } from '../src/index.js'
import { refreshAfter, subjectOf } from '../src/token.js'
import { dice, seedOf } from './support/clocks.js'

globalThis.IDBKeyRange = IDBKeyRange

async function both(): Promise<[Store, Store]> {
  return [new MemoryStore(), await indexedDbStore(new IDBFactory())('test')]
}

test('a store in memory and one in IndexedDB answer alike', async () => {
  const seed = seedOf()
  const random = dice(seed)
  const stores = await both()
  const key = (): Key => [['a', 'b', 'b '][Math.floor(random() * 3)]!, ...(random() < 0.8 ? [['x', 3, 10, 200, Infinity, ''][Math.floor(random() * 6)]!] : [])]
  for (let i = 0; i < 300; i++) {
    const steps = Array.from({ length: 4 }, () => {
      const [one, two, dart, value] = [key(), key(), random(), { n: random() }]
      const how = { limit: random() < 0.5 ? 2 : undefined, reverse: random() < 0.5 }
      return async (transaction: Transaction) => {
        if (dart < 0.4) return transaction.put(one, value)
        if (dart < 0.5) return transaction.remove(one)
        if (dart < 0.55 && ordered(one, two)) return transaction.remove(one, two)
        if (dart < 0.8 && ordered(one, two)) return transaction.scan(one, two, how)
        return transaction.get(one)
      }
    })
    const fails = random() < 0.1
    const answers = await Promise.all(stores.map((store) => store.run(async (transaction) => {
      const found = []
      for (const step of steps) found.push(await step(transaction))
      if (fails) throw new Error('no')
      return found
    }).catch((fault: Error) => fault.message)))
    expect(answers[0], `seed ${seed}`).toEqual(answers[1])
  }
  const all = await Promise.all(stores.map((store) => store.run((transaction) => transaction.scan([''], ['z']))))
  expect(all[0]).toEqual(all[1])
})

/** IndexedDB refuses a range that is empty by its ends. */
function ordered(a: Key, b: Key): boolean {
  return new IDBFactory().cmp([...a], [...b]) < 0
}

describe('the inbox', () => {
  const parts = (faults: unknown[] = []) => ({ due: () => false, after: async () => {}, begin: async () => {}, failed: (fault: unknown) => void faults.push(fault) })

  test('keeps before it tells, in order, and gathers while it writes', async () => {
    const log: string[] = []
    const inbox = new Inbox(new MemoryStore(), { ...parts(), after: async () => void log.push('kept') })
    for (const name of ['a', 'b', 'c']) {
      inbox.push(() => [{ keep: async () => void log.push(`keep ${name}`), tell: () => log.push(`tell ${name}`) }])
    }
    await inbox.drained()
    expect(log).toEqual(['keep a', 'kept', 'tell a', 'keep b', 'keep c', 'kept', 'tell b', 'tell c'])
  })

  test('tells also when the store fails, and goes on in memory', async () => {
    const faults: unknown[] = []
    const broken = { run: () => Promise.reject(new Error('quota')), close() {} }
    const inbox = new Inbox(broken, parts(faults))
    const told: number[] = []
    for (let i = 0; i < 3; i++) inbox.push(() => [{ keep: async (transaction) => transaction.put(['n'], i), tell: () => told.push(i) }])
    await inbox.drained()
    expect([told, faults.length, await inbox.run((transaction) => transaction.get(['n']))]).toEqual([[0, 1, 2], 1, 2])
  })
})

describe('tokens', () => {
  const of = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`

  test('say whose they are', () => {
    expect([subjectOf(of({ sub: 'ünïcode~~~???' })), subjectOf(of({})), subjectOf('nonsense'), subjectOf('')]).toEqual(['ünïcode~~~???', undefined, undefined, undefined])
  })

  test('say when to replace them', () => {
    expect(refreshAfter(of({ exp: 4600, iat: 1000 }), 0)).toBe(2_880_000)
    expect(refreshAfter(of({ exp: 1100, iat: 1000 }), 0)).toBe(50_000)
    expect(refreshAfter(of({ exp: 4600 }), 1_000_000)).toBe(2_880_000)
    expect(refreshAfter(of({ exp: 10 }), 1_000_000)).toBe(1000)
    expect(refreshAfter(of({}), 0)).toBeUndefined()
  })
})
