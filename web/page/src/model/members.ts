// Who is in the conversation that is open, and what it is set to.
import type { Conversation, Member, Parley } from '@parley/sdk'
import type { People } from './people'
import { Signal } from './signal'

const SOON_MS = 150

export class Members extends Signal {
  readonly #parley: Parley
  readonly #people: People
  readonly #conversation: string
  readonly #stops: (() => void)[]
  facts: Conversation | undefined
  online: number | undefined
  /** Numbers of pinned messages, the latest first. */
  pins: { message: number; by: string; at: number }[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parley: Parley, people: People, conversation: string) {
    super()
    this.#parley = parley
    this.#people = people
    this.#conversation = conversation
    this.#stops = (['joined', 'left', 'changed', 'invited', 'uninvited', 'pinned', 'deleted'] as const).map((name) => (
      parley.on(name, (event) => { if (event.conversation === conversation) this.#soon() })
    ))
    this.#stops.push(parley.on('synced', () => this.#soon()))
    void this.read()
  }

  get members(): Member[] {
    return this.facts?.members ?? []
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const stop of this.#stops) stop()
  }

  async read(): Promise<void> {
    const conversation = this.#conversation
    const [facts, there, pins] = await Promise.all([
      this.#parley.call('get', { conversation }).catch(() => undefined),
      this.#parley.call('presences', { conversation }).catch(() => undefined),
      this.#parley.call('pins', { conversation }).catch(() => undefined),
    ])
    if (facts) {
      this.facts = facts
      this.#people.watch(facts.members.slice(0, 100).map((each) => each.user))
      this.#people.need(facts.members.map((each) => each.user))
    }
    if (there) this.online = there.online
    if (pins) this.pins = pins.items
    this.changed()
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.read()
    }, SOON_MS)
  }
}
