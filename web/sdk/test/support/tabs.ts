// Tabs of one browser: they share a store and locks, and can be killed at any moment.
import { connect, indexedDbStore, type Options, type Parley, type Store } from '../../src/node.js'
import type { Locks } from '../../src/locks.js'

/** The locks of one browser. */
export class Browser {
  readonly #held = new Set<string>()

  tab(): Locks {
    let own: string[] = []
    return {
      hold: async (name) => {
        own.push(name)
        this.#held.add(name)
      },
      isFree: async (name) => !this.#held.has(name),
      release: () => {
        for (const name of own) this.#held.delete(name)
        own = []
      },
    }
  }
}

/** A Parley in a tab. */
export class Tab {
  readonly parley: Parley
  readonly #kill: () => void

  private constructor(parley: Parley, kill: () => void) {
    this.parley = parley
    this.#kill = kill
  }

  static async open(browser: Browser, factory: IDBFactory, options: Options): Promise<Tab> {
    const locks = browser.tab()
    let dead = false
    const open = async (name: string): Promise<Store> => {
      const store = await indexedDbStore(factory)(name)
      return {
        // A transaction of a tab that is gone neither commits nor tells anybody.
        run: (work) => dead ? new Promise(() => {}) : store.run(async (transaction) => {
          const answer = await work(transaction)
          if (dead) throw new Error('the tab is gone')
          return answer
        }).catch((fault: unknown) => dead ? new Promise<never>(() => {}) : Promise.reject(fault)),
        close: () => store.close(),
      }
    }
    const parley = await connect({ ...options, store: open, locks })
    return new Tab(parley, () => {
      dead = true
      locks.release()
    })
  }

  /** Ends as a tab ends: nothing more is written, sent or told. */
  kill(): void {
    this.#kill()
    void this.parley.close()
  }
}
