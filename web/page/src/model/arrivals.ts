// Tells the server what has come to this device.
import type { Parley } from '@parley/sdk'

const SOON_MS = 500

export class Arrivals {
  readonly #parley: Parley
  readonly #due = new Map<string, number>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parley: Parley) {
    this.#parley = parley
    parley.on('message', ({ conversation, seq, from }) => { if (from !== parley.user) this.#came(conversation, seq) })
    // What came while nobody was here is in the list.
    let first = true
    parley.on('conversations', () => {
      const items = parley.conversations()
      if (!first || !items.length) return
      first = false
      for (const { conversation, unread, last } of items) if (unread && last) this.#came(conversation, last.seq)
    })
  }

  #came(conversation: string, seq: number): void {
    this.#due.set(conversation, Math.max(seq, this.#due.get(conversation) ?? 0))
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      for (const [each, upTo] of this.#due) {
        void this.#parley.call('delivered', { conversation: each, seq: upTo }).catch(() => {})
      }
      this.#due.clear()
    }, SOON_MS)
  }
}
