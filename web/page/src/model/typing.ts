// Who is typing where, as long as that may be believed.
import type { Parley } from '@parley/sdk'
import { Signal } from './signal'

interface Typists { users: Map<string, ReturnType<typeof setTimeout>>; count: number }

const REPEAT_MS = 5000

export class Typing extends Signal {
  readonly #parley: Parley
  readonly #all = new Map<string, Typists>()
  #said: { conversation: string; at: number } | undefined

  constructor(parley: Parley) {
    super()
    this.#parley = parley
    parley.on('typing', ({ conversation, user, active, count, expires_ms }) => {
      if (count !== undefined) this.#counted(conversation, count, expires_ms)
      else if (user !== undefined && user !== parley.user) this.#named(conversation, user, active ?? false, expires_ms)
    })
    parley.on('message', ({ conversation, from }) => this.#named(conversation, from, false, 0))
  }

  /** The names, or how many where there are too many to name. */
  in(conversation: string): { users: string[]; count: number } {
    const there = this.#all.get(conversation)
    return there ? { users: [...there.users.keys()], count: there.count } : { users: [], count: 0 }
  }

  /** One types oneself; said now and then while it goes on. */
  say(conversation: string): void {
    const now = Date.now()
    if (this.#said?.conversation === conversation && now - this.#said.at < REPEAT_MS) return
    this.#said = { conversation, at: now }
    void this.#parley.call('typing', { conversation, active: true }).catch(() => {})
  }

  /** One has stopped, or sent what one typed: `sent` messages end it by themselves. */
  stop(conversation: string, sent = false): void {
    if (this.#said?.conversation !== conversation) return
    this.#said = undefined
    if (!sent) void this.#parley.call('typing', { conversation, active: false }).catch(() => {})
  }

  #there(conversation: string): Typists {
    const there = this.#all.get(conversation) ?? { users: new Map(), count: 0 }
    this.#all.set(conversation, there)
    return there
  }

  #named(conversation: string, user: string, active: boolean, ms: number): void {
    const { users } = this.#there(conversation)
    clearTimeout(users.get(user))
    if (!active && !users.has(user)) return
    if (active) users.set(user, setTimeout(() => this.#named(conversation, user, false, 0), ms))
    else users.delete(user)
    this.changed()
  }

  #counted(conversation: string, count: number, ms: number): void {
    const there = this.#there(conversation)
    for (const timer of there.users.values()) clearTimeout(timer)
    there.users.clear()
    there.count = count
    if (count) setTimeout(() => { if (there.count === count) this.#counted(conversation, 0, 0) }, ms)
    this.changed()
  }
}
