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
  /** Those whom `get` does not name, as far as somebody has looked for them. */
  readonly #further = new Map<string, Member>()
  /** Where those go on whom nobody has looked for yet; null: there are no more. */
  #cursor: string | null | undefined
  #isAsking = false
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
    this.#stops.push(
      parley.on('synced', () => this.#soon()),
      parley.on('joined', (event) => { if (event.conversation === conversation) this.#add(event.users) }),
      parley.on('left', (event) => { if (event.conversation === conversation) this.#further.delete(event.user) }),
    )
    void this.read()
  }

  /** Those who are known. */
  get members(): Member[] {
    const all = [...this.facts?.members ?? [], ...this.#further.values()]
    return [...new Map(all.map((each) => [each.user, each])).values()]
  }

  /** Looks for more of them, a page at a time, and for what they are called. */
  async more(): Promise<void> {
    if (this.#isAsking || this.#cursor === null || !this.facts || this.facts.members.length >= this.facts.member_count) return
    this.#isAsking = true
    try {
      const page = await this.#parley.call('members', { conversation: this.#conversation, cursor: this.#cursor })
      const added = this.#add(page.items)
      if (added.length) await this.#people.ask(added)
      this.#cursor = page.cursor ?? null
    } finally {
      this.#isAsking = false
    }
    this.changed()
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

  /** Answers whom nobody knew of. */
  #add(members: readonly Member[]): string[] {
    const known = new Set(this.members.map((each) => each.user))
    const added = members.filter((each) => !known.has(each.user))
    for (const each of added) this.#further.set(each.user, each)
    return added.map((each) => each.user)
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.read()
    }, SOON_MS)
  }
}
