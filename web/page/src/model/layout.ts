// Where rows of unequal height stand, as far as that was measured.

export interface Placed { key: string; guess: number }

export class Layout {
  readonly #heights = new Map<string, number>()

  knows(key: string): boolean {
    return this.#heights.has(key)
  }

  /** Whether that is news. */
  measured(key: string, height: number): boolean {
    if (Math.abs((this.#heights.get(key) ?? -1) - height) < 0.5) return false
    this.#heights.set(key, height)
    return true
  }

  /** The width is another one: nothing that was measured holds. */
  forget(): void {
    this.#heights.clear()
  }

  /** The top of each row, and the end of the last one. */
  offsets(rows: readonly Placed[]): Float64Array {
    const offsets = new Float64Array(rows.length + 1)
    rows.forEach(({ key, guess }, i) => { offsets[i + 1] = offsets[i]! + (this.#heights.get(key) ?? guess) })
    return offsets
  }
}

/** The row that a place is in: the last one that begins at or before it. */
export function rowAt(offsets: Float64Array, place: number): number {
  let [low, high] = [0, Math.max(offsets.length - 2, 0)]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (offsets[middle]! <= place) low = middle
    else high = middle - 1
  }
  return low
}
