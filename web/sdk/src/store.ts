// What is kept, as everything here sees it: ordered keys, and transactions over them. And the one in memory.

export type Key = readonly (string | number)[]

export interface Entry {
  key: Key
  value: unknown
}

/** One transaction. Between its calls nothing else may be awaited. */
export interface Transaction {
  get(key: Key): Promise<unknown>
  put(key: Key, value: unknown): void
  /** Entries with `from` ≤ key < `to`, in order of their keys, or in the opposite one. */
  scan(from: Key, to: Key, how?: { limit?: number; reverse?: boolean }): Promise<Entry[]>
  /** Removes one key, or all with `from` ≤ key < `to`. */
  remove(from: Key, to?: Key): void
}

/**
 * A store of one user on one server. Keys are lists of text and numbers, ordered item by item, numbers before text, a
 * list before a longer one that begins like it; values are what structured cloning takes.
 */
export interface Store {
  /** Runs the work in a transaction: all of it takes effect, or, when it fails, nothing. */
  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  close(): void
}

/** Opens the store of that name; the same name is the same store. */
export type OpenStore = (name: string) => Promise<Store>

export function compare(a: Key, b: Key): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [x, y] = [a[i]!, b[i]!]
    if (x === y) continue
    if (typeof x !== typeof y) return typeof x === 'number' ? -1 : 1
    return x < y ? -1 : 1
  }
  return a.length - b.length
}

/** Nothing outlives it. */
export class MemoryStore implements Store {
  #entries: Entry[] = []
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => {
      const before = this.#entries.slice()
      try {
        return await work(this.#transaction)
      } catch (fault) {
        this.#entries = before
        throw fault
      }
    })
    this.#last = done.catch(() => {})
    return done
  }

  close(): void {}

  readonly #transaction: Transaction = {
    get: async (key) => {
      const at = this.#place(key)
      const entry = this.#entries[at]
      return entry && compare(entry.key, key) === 0 ? structuredClone(entry.value) : undefined
    },
    put: (key, value) => {
      const at = this.#place(key)
      const there = this.#entries[at]
      this.#entries.splice(at, there && compare(there.key, key) === 0 ? 1 : 0, { key, value: structuredClone(value) })
    },
    scan: async (from, to, { limit = Infinity, reverse = false } = {}) => {
      const found = this.#entries.slice(this.#place(from), this.#place(to))
      if (reverse) found.reverse()
      return found.slice(0, limit).map((entry) => ({ key: entry.key, value: structuredClone(entry.value) }))
    },
    remove: (from, to) => {
      const at = this.#place(from)
      const there = this.#entries[at]
      const until = to ? this.#place(to) : there && compare(there.key, from) === 0 ? at + 1 : at
      this.#entries.splice(at, Math.max(0, until - at))
    },
  }

  /** Where the key is, or would be. */
  #place(key: Key): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compare(this.#entries[middle]!.key, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
