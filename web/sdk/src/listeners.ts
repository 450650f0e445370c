// Who wants to be told what.
import type { EventName, Events } from './events.js'

export type Listener<E extends EventName> = (event: Events[E]) => void

export class Listeners {
  readonly #all = new Map<EventName, Set<(event: never) => void>>()
  readonly #threw: (fault: unknown, event: EventName) => void

  constructor(threw: (fault: unknown, event: EventName) => void) {
    this.#threw = threw
  }

  /** The result takes the listener away. */
  on<E extends EventName>(name: E, listener: Listener<E>): () => void {
    const these = this.#all.get(name) ?? new Set()
    this.#all.set(name, these)
    these.add(listener)
    return () => void these.delete(listener)
  }

  tell<E extends EventName>(name: E, event: Events[E]): void {
    for (const listener of [...(this.#all.get(name) ?? [])]) {
      try {
        (listener as Listener<E>)(event)
      } catch (fault) {
        this.#threw(fault, name)
      }
    }
  }

  has(name: EventName): boolean {
    return (this.#all.get(name)?.size ?? 0) > 0
  }
}
