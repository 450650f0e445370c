// The store of browsers: one database for each user and server, shared by all tabs of an origin.
import type { Entry, Key, OpenStore, Store, Transaction } from './store.js'

const TABLE = 'kept'

export function indexedDbStore(factory: IDBFactory = indexedDB): OpenStore {
  return async (name) => {
    const opening = factory.open(name, 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE)
    return new IndexedDbStore(await result(opening))
  }
}

class IndexedDbStore implements Store {
  readonly #database: IDBDatabase

  constructor(database: IDBDatabase) {
    this.#database = database
    database.onversionchange = () => database.close()
  }

  async run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const transaction = this.#database.transaction(TABLE, 'readwrite')
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'))
    })
    done.catch(() => {})
    let answer: T
    try {
      answer = await work(over(transaction.objectStore(TABLE)))
    } catch (fault) {
      try {
        transaction.abort()
      } catch { /* it was over already */ }
      throw fault
    }
    await done
    return answer
  }

  close(): void {
    this.#database.close()
  }
}

function over(table: IDBObjectStore): Transaction {
  return {
    get: (key) => result(table.get(own(key))),
    put: (key, value) => void table.put(value, own(key)),
    remove: (from, to) => void table.delete(to ? range(from, to) : own(from)),
    async scan(from, to, { limit, reverse } = {}) {
      const within = range(from, to)
      if (!reverse) {
        const [keys, values] = await Promise.all([
          result(table.getAllKeys(within, limit)), result<unknown[]>(table.getAll(within, limit)),
        ])
        return keys.map((key, i) => ({ key: key as (string | number)[], value: values[i] }))
      }
      return backwards(table.openCursor(within, 'prev'), limit ?? Infinity)
    },
  }
}

function backwards(opening: IDBRequest<IDBCursorWithValue | null>, limit: number): Promise<Entry[]> {
  const found: Entry[] = []
  return new Promise((resolve, reject) => {
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const cursor = opening.result
      if (!cursor) return resolve(found)
      found.push({ key: cursor.key as (string | number)[], value: cursor.value })
      if (found.length >= limit) resolve(found)
      else cursor.continue()
    }
  })
}

function own(key: Key): (string | number)[] {
  return [...key]
}

function range(from: Key, to: Key): IDBKeyRange {
  return IDBKeyRange.bound(own(from), own(to), false, true)
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
