// Where one is: a conversation, perhaps at a message, as the address bar has it behind `#`.
import { Signal } from './signal'

export interface Place {
  conversation?: string
  message?: number
}

export class Navigation extends Signal {
  place: Place = readPlace()
  /** Counts arrivals: whoever goes to the same message again means it. */
  count = 0

  constructor() {
    super()
    addEventListener('popstate', () => this.#arrived())
    addEventListener('hashchange', () => this.#arrived())
  }

  go(place: Place): void {
    const words = new URLSearchParams()
    if (place.conversation !== undefined) words.set('c', place.conversation)
    if (place.message !== undefined) words.set('m', String(place.message))
    history.pushState(null, '', `#${words}`)
    this.#arrived()
  }

  #arrived(): void {
    this.place = readPlace()
    this.count++
    this.changed()
  }
}

function readPlace(): Place {
  const words = new URLSearchParams(location.hash.slice(1))
  const message = Number(words.get('m') ?? NaN)
  return { conversation: words.get('c') ?? undefined, message: Number.isSafeInteger(message) && message > 0 ? message : undefined }
}
