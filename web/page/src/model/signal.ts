// Something that changes, and who wants to know.
import { useSyncExternalStore } from 'react'

export class Signal {
  readonly #listeners = new Set<() => void>()
  #version = 0

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  readonly version = (): number => this.#version

  /** Everybody who shows it looks again. */
  changed(): void {
    this.#version++
    for (const listener of [...this.#listeners]) listener()
  }
}

/** Renders again whenever it changes. */
export function useSignal<T extends Signal>(signal: T): T {
  useSyncExternalStore(signal.subscribe, signal.version)
  return signal
}
