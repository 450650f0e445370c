// How far one's own messages have got with the others of a conversation: asked for the newest of them, then told.
import type { Parley } from '@parley/sdk'
import { Signal } from './signal'

export type Tick = 'sent' | 'delivered' | 'read'

const SOON_MS = 700
/** Messages that are asked about, the newest first, until one is read by everyone. */
const MOST_ASKED = 4

export class Ticks extends Signal {
  readonly #parley: Parley
  readonly #conversation: string
  readonly #direct: boolean
  readonly #stop: () => void
  #delivered = 0
  #read = 0
  #mine: number[] = []
  #asked = new Set<number>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parley: Parley, conversation: string, direct: boolean) {
    super()
    this.#parley = parley
    this.#conversation = conversation
    this.#direct = direct
    this.#stop = parley.on('receipt', (told) => {
      if (told.conversation !== conversation || told.user === parley.user) return
      if (direct) this.#reached(told.delivered, told.read)
      else {
        this.#asked.clear()
        this.#soon()
      }
    })
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#stop()
  }

  of(seq: number): Tick {
    if (seq <= this.#read) return 'read'
    return seq <= this.#delivered ? 'delivered' : 'sent'
  }

  /** These of one's own are shown, in rising order. */
  shows(mine: number[]): void {
    this.#mine = mine
    if (this.#due().length) this.#soon()
  }

  #due(): number[] {
    return this.#mine.filter((seq) => seq > this.#read && !this.#asked.has(seq)).slice(-MOST_ASKED).reverse()
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#ask()
    }, SOON_MS)
  }

  async #ask(): Promise<void> {
    for (const message of this.#due()) {
      if (message <= this.#read) break
      this.#asked.add(message)
      const answer = await this.#parley.call('receipts', {
        conversation: this.#conversation, message, counts: true, limit: 1,
      }).catch(() => undefined)
      const { delivered = 0, read = 0, of = 0 } = answer?.counts ?? {}
      if (of > 0) this.#reached(delivered === of ? message : 0, read === of ? message : 0)
    }
  }

  #reached(delivered: number, read: number): void {
    const [before, seen] = [this.#delivered, this.#read]
    this.#delivered = Math.max(before, delivered, read)
    // Only the other of a direct conversation can mark it unread again.
    this.#read = this.#direct ? Math.max(read, seen) : Math.max(seen, read)
    if (this.#delivered !== before || this.#read !== seen) this.changed()
  }
}
