// Everything that was received, in its order: first it is kept, then it is told.
import { MemoryStore, type Store, type Transaction } from './store.js'

/** One thing to keep, to tell, or both. */
export interface Step {
  keep?: (transaction: Transaction) => Promise<void>
  tell?: () => void
}

/** Decides what is to be done; called once, in order. */
export type Decide = () => Step[]

export interface InboxParts {
  /** Whether there is something to write when no step has. */
  due(): boolean
  /** Ends each batch, in its transaction. */
  after(transaction: Transaction): Promise<void>
  /** Puts what is needed into a store in memory that stands in. */
  begin(transaction: Transaction): Promise<void>
  failed(fault: unknown): void
}

/**
 * While one batch is written the next one gathers. Nothing is told before it is kept: after a reload it is in the
 * cache, or it comes as an event, never neither. A store that fails is given up for one in memory, and events go on.
 */
export class Inbox {
  #store: Store
  readonly #parts: InboxParts
  #waiting: Decide[] = []
  #idle: Promise<void> = Promise.resolve()
  #busy = false

  constructor(store: Store, parts: InboxParts) {
    this.#store = store
    this.#parts = parts
  }

  push(decide: Decide): void {
    this.#waiting.push(decide)
    if (this.#busy) return
    this.#busy = true
    this.#idle = this.#work()
  }

  /** Until everything pushed so far has been told. */
  async drained(): Promise<void> {
    while (this.#busy) await this.#idle
  }

  /** A transaction of its own; when the store fails, one in memory. */
  async run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const store = this.#store
    try {
      return await store.run(work)
    } catch (fault) {
      if (store instanceof MemoryStore) throw fault
      if (this.#store === store) {
        this.#store = new MemoryStore()
        void this.#store.run((transaction) => this.#parts.begin(transaction))
        this.#parts.failed(fault)
      }
      return this.#store.run(work)
    }
  }

  close(): void {
    this.#store.close()
  }

  async #work(): Promise<void> {
    while (this.#waiting.length) {
      const steps = this.#waiting.splice(0).flatMap((decide) => this.#decided(decide))
      try {
        if (steps.some((step) => step.keep) || this.#parts.due()) {
          await this.run(async (transaction) => {
            for (const step of steps) await step.keep?.(transaction)
            await this.#parts.after(transaction)
          })
        }
      } catch (fault) {
        this.#parts.failed(fault)
      }
      for (const step of steps) step.tell?.()
    }
    this.#busy = false
  }

  /** What cannot be understood holds up nothing behind it. */
  #decided(decide: Decide): Step[] {
    try {
      return decide()
    } catch (fault) {
      this.#parts.failed(fault)
      return []
    }
  }
}
